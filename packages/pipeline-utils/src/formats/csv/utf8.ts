import { isUtf8 } from "node:buffer";
import { FormatError } from "../../errors.js";
import { shown } from "../shown.js";
import { ASCII } from "./ascii.js";

const { LINE_FEED } = ASCII;

/** Enough bytes for the 40 characters that a message shows. */
const MAX_EXCERPT_BYTES = 160;
const MAX_CHARACTER_BYTES = 4;

/** The beginning of some bytes as a JSON string, for a message. */
export function excerpt(bytes: Uint8Array, start: number, end: number): string {
  return shown(new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + MAX_EXCERPT_BYTES))));
}

/** The offset of the first character of `bytes[start, end)` that is not valid UTF-8; `end` if all are. */
export function invalidUtf8(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const next = Math.min(end, at + characterLength(bytes[at]!));
    if (!isUtf8(bytes.subarray(at, next))) {
      break;
    }
    at = next;
  }
  return at;
}

/**
 * Decode a byte stream to text, part by part.
 *
 * @param address - Begins the error's message.
 * @param firstLine - The line, from 1, that begins with the first byte.
 * @throws {FormatError} The bytes are not UTF-8. The message gives the line, from 1.
 */
export async function* decodeUtf8(
  source: AsyncIterable<Uint8Array>,
  address: string,
  firstLine: number,
): AsyncIterable<string> {
  let rest: Uint8Array = new Uint8Array(0);
  let line = firstLine;
  const decode = (bytes: Uint8Array): string => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
    const at = isUtf8(bytes) ? bytes.length : invalidUtf8(bytes, 0, bytes.length);
    line += bytes.subarray(0, at).filter((byte) => byte === LINE_FEED).length;
    if (at === bytes.length) {
      return text;
    }
    throw new FormatError(
      `${address} line ${line}: found ${excerpt(bytes, at, bytes.length)}, which is not valid UTF-8`,
    );
  };
  for await (const chunk of source) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = lastWholeCharacter(bytes);
    rest = bytes.subarray(end);
    yield decode(bytes.subarray(0, end));
  }
  yield decode(rest);
}

/** The offset at which the last whole character ends. */
function lastWholeCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(MAX_CHARACTER_BYTES, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) {
      return bytes.length - back + 1;
    }
    if (byte >= 0xc0) {
      return characterLength(byte) > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

/** The bytes of the character that begins with this byte; 2 for a byte with which none begins. */
function characterLength(byte: number): number {
  if (byte < 0x80) {
    return 1;
  }
  if (byte < 0xe0) {
    return 2;
  }
  return byte < 0xf0 ? 3 : 4;
}
