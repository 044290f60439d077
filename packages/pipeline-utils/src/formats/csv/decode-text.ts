import { isAscii } from "node:buffer";
import { FormatError } from "../../errors.js";
import { shown } from "../shown.js";
import { withWholeMark } from "./decompress.js";
import { countLines } from "./record-scanner.js";

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
