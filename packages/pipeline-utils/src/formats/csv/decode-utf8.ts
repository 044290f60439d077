import { isUtf8 } from "node:buffer";
import { FormatError } from "../../errors.js";
import { excerpt } from "./excerpt.js";
import { invalidUtf8 } from "./invalid-utf8.js";

/** Bytes of a character at most. */
const LONGEST = 4;

/**
 * The text of a byte stream, in parts.
 *
 * @param address - Begins the error's message.
 * @throws {FormatError} Bytes that are not UTF-8; the message gives the line, from 1.
 */
export async function* decodeUtf8(source: AsyncIterable<Uint8Array>, address: string): AsyncIterable<string> {
  let rest: Uint8Array = new Uint8Array(0);
  let line = 1;
  const decode = (bytes: Uint8Array): string => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
    const at = isUtf8(bytes) ? bytes.length : invalidUtf8(bytes, 0, bytes.length);
    line += bytes.subarray(0, at).filter((byte) => byte === 10).length;
    if (at === bytes.length) return text;
    throw new FormatError(
      `${address} line ${line}: found ${excerpt(bytes, at, bytes.length)}, which is not valid UTF-8`,
    );
  };
  for await (const chunk of source) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = wholeCharacters(bytes);
    rest = bytes.subarray(end);
    yield decode(bytes.subarray(0, end));
  }
  yield decode(rest);
}

/** Where the last character ends that is whole. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(LONGEST, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length - back + 1;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
