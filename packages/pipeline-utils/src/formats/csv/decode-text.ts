import { isAscii, isUtf8 } from "node:buffer";
import { FormatError } from "../../errors.js";
import { shown } from "../shown.js";
import { ASCII } from "./ascii.js";
import { withWholeMark } from "./decompress.js";

const { LINE_FEED } = ASCII;

/** Encodings of text without a byte order mark. UTF-16 always has one. */
export type TextEncoding = "utf-8" | "latin1";

/** Turns the bytes of an encoding into UTF-8, part by part. */
interface Decoder {
  /** The whole characters up to the end of `bytes`, in UTF-8. */
  decode(bytes: Uint8Array): Uint8Array;
  /** Check that the bytes did not end within a character. */
  finish(): void;
}

/** Bytes that are decoded at a time. */
const PART_BYTES = 1 << 16;
const MARK_BYTES = 2;
const LITTLE_ENDIAN_MARK = "\u00ff\u00fe";
const BIG_ENDIAN_MARK = "\u00fe\u00ff";
const UNIT_BYTES = 2;
/** Half of a surrogate pair, without the other half. */
const LONE_SURROGATE_PATTERN = /\p{Surrogate}/u;
/** Enough bytes for the 40 characters that a message shows. */
const MAX_EXCERPT_BYTES = 160;
const MAX_CHARACTER_BYTES = 4;

const LATIN1_DECODER: Decoder = {
  decode: (bytes) => (isAscii(bytes) ? bytes : Buffer.from(bufferOf(bytes).toString("latin1"), "utf8")),
  finish: () => undefined,
};

/**
 * Turn a byte stream into UTF-8. Only a few parts are in memory at a time.
 *
 * With `utf-8`, a byte order mark of UTF-16 says that the bytes are in UTF-16; other bytes pass as they are, in the same
 * chunks. With `latin1`, each byte is the character of its code (ISO 8859-1).
 *
 * @throws {FormatError} The bytes are not UTF-16, although they begin with its mark. The message gives the line, from 1.
 */
export async function* decodeText(
  source: AsyncIterable<Uint8Array>,
  encoding: TextEncoding,
  address: string,
): AsyncIterable<Uint8Array> {
  let decoder = encoding === "latin1" ? LATIN1_DECODER : undefined;
  let isFirst = decoder === undefined;
  for await (const chunk of withWholeMark(source, MARK_BYTES)) {
    let bytes = chunk;
    if (isFirst) {
      decoder = decoderByMark(chunk, address);
      isFirst = false;
      bytes = decoder === undefined ? chunk : chunk.subarray(MARK_BYTES);
    }
    if (decoder === undefined) {
      yield bytes;
      continue;
    }
    for (let start = 0; start < bytes.length; start += PART_BYTES) {
      yield decoder.decode(bytes.subarray(start, start + PART_BYTES));
    }
  }
  decoder?.finish();
}

/** A decoder for bytes that begin with a mark of UTF-16. */
function decoderByMark(bytes: Uint8Array, address: string): Decoder | undefined {
  const mark = bufferOf(bytes.subarray(0, MARK_BYTES)).toString("latin1");
  const isBigEndian = mark === BIG_ENDIAN_MARK;
  return isBigEndian || mark === LITTLE_ENDIAN_MARK ? new Utf16Decoder(isBigEndian, address) : undefined;
}

class Utf16Decoder implements Decoder {
  readonly #isBigEndian: boolean;
  readonly #address: string;
  /** The beginning of a character. */
  #rest: Uint8Array = new Uint8Array(0);
  #line = 1;

  constructor(isBigEndian: boolean, address: string) {
    this.#isBigEndian = isBigEndian;
    this.#address = address;
  }

  decode(bytes: Uint8Array): Uint8Array {
    const all = Buffer.concat([this.#rest, bytes]);
    const units = all.subarray(0, all.length - (all.length % UNIT_BYTES));
    if (this.#isBigEndian) {
      units.swap16();
    }
    const last = units.length === 0 ? 0 : units.readUInt16LE(units.length - UNIT_BYTES);
    const isHalf = last >= 0xd800 && last < 0xdc00;
    const end = units.length - (isHalf ? UNIT_BYTES : 0);
    const text = units.toString("utf16le", 0, end);
    const lone = text.search(LONE_SURROGATE_PATTERN);
    if (lone >= 0) {
      this.#fail(text.slice(0, lone), `found ${shown(text[lone])}, which is not valid UTF-16`);
    }
    if (this.#isBigEndian && isHalf) {
      units.subarray(end).swap16();
    }
    this.#rest = all.subarray(end);
    const decoded = Buffer.from(text, "utf8");
    this.#line += countLines(decoded);
    return decoded;
  }

  finish(): void {
    if (this.#rest.length > 0) {
      this.#fail("", "the file ends within a character of UTF-16");
    }
  }

  #fail(before: string, message: string): never {
    const line = this.#line + countLines(Buffer.from(before, "utf8"));
    throw new FormatError(`${this.#address} line ${line}: ${message}`);
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The number of line feeds. */
export function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
    count++;
  }
  return count;
}

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
    const text = bufferOf(bytes).toString("utf8");
    const at = isUtf8(bytes) ? bytes.length : invalidUtf8(bytes, 0, bytes.length);
    line += countLines(bytes.subarray(0, at));
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
