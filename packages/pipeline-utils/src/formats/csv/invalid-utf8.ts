import { isUtf8 } from "node:buffer";

/** The offset of the first character of `bytes[start, end)` that is not valid; `end` where all are. */
export function invalidUtf8(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const next = Math.min(end, at + lengthOf(bytes[at]!));
    if (!isUtf8(bytes.subarray(at, next))) break;
    at = next;
  }
  return at;
}

/** Bytes of the character that begins with a byte, if one does. */
function lengthOf(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}
