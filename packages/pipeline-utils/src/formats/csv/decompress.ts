import type { Transform } from "node:stream";
import zlib from "node:zlib";
import { FormatError, UnsupportedFileFormatError } from "../../errors.js";
import { beginsZstd, ZstdFrames } from "./zstd-frames.js";

/** Default limit of the bytes of a compressed file's text: 4 GiB. */
export const MAX_TEXT_BYTES = 2 ** 32;
/** Enough bytes to recognise any of the formats. */
const MARK_BYTES = 4;
/** Bytes that the decompressor makes at a time. */
const PART_BYTES = 1 << 16;

/** A format of compressed files. */
interface CompressedFormat {
  readonly name: string;
  /** Whether a file of the format begins with some bytes. No text in UTF-8 or UTF-16 does. */
  readonly begins: (bytes: Uint8Array) => boolean;
  /** @throws {UnsupportedFileFormatError} This version of Node does not have the format. */
  readonly makeStream: (address: string) => Inflating;
  /** Checks the bytes and cuts them to parts that the stream takes one by one. Default: none. */
  readonly makeFrames?: () => ZstdFrames;
}

/** A decompressor of Node. `bytesWritten` counts the bytes that it has consumed. */
type Inflating = Transform & { readonly bytesWritten: number };

const COMPRESSED_FORMATS: readonly CompressedFormat[] = [
  {
    name: "gzip",
    begins: (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b,
    makeStream: () => zlib.createGunzip({ chunkSize: PART_BYTES }),
  },
  { name: "zstd", begins: beginsZstd, makeStream: zstdStream, makeFrames: () => new ZstdFrames() },
];

/**
 * Decompress a byte stream of gzip or zstd, which its first bytes show. Other bytes pass as they are, in the same chunks.
 *
 * The source is read only when all text of its last chunk was taken. A few parts are in memory at a time.
 *
 * @param maxBytes - Limit of the bytes of the text. A small file can decompress to a thousand times its size.
 * @throws {FormatError} The compressed bytes are damaged or truncated, other bytes follow them, or the text is larger
 *   than `maxBytes`.
 * @throws {UnsupportedFileFormatError} The file is compressed by zstd, which this version of Node does not have.
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  address: string,
): AsyncIterable<Uint8Array> {
  let inflater: Inflater | undefined;
  let isFirst = true;
  try {
    for await (const chunk of withWholeMark(source, MARK_BYTES)) {
      if (isFirst) {
        inflater = inflaterByMark(chunk, maxBytes, address);
        isFirst = false;
      }
      if (inflater === undefined) {
        yield chunk;
      } else {
        yield* inflater.push(chunk);
      }
    }
    yield* inflater?.finish() ?? [];
  } finally {
    inflater?.destroy();
  }
}

/**
 * The same bytes, with at least so many in the first chunk, unless the source has fewer. Other chunks stay as they are.
 *
 * @param bytes - Enough to recognise a file by its first bytes.
 */
export async function* withWholeMark(
  source: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncIterable<Uint8Array> {
  let begin: Uint8Array = new Uint8Array(0);
  let isWhole = false;
  for await (const chunk of source) {
    if (isWhole) {
      yield chunk;
      continue;
    }
    const joined = begin.length === 0 ? chunk : Buffer.concat([begin, chunk]);
    isWhole = joined.length >= bytes;
    if (isWhole) {
      yield joined;
    } else {
      // Copy the bytes, because the source may reuse its memory.
      begin = Uint8Array.from(joined);
    }
  }
  if (!isWhole) {
    yield begin;
  }
}

function inflaterByMark(bytes: Uint8Array, maxBytes: number, address: string): Inflater | undefined {
  const format = COMPRESSED_FORMATS.find(({ begins }) => begins(bytes));
  return format && new Inflater(format, maxBytes, address);
}

/** Passes chunks to a decompressor of Node one by one, and yields the text of each. */
class Inflater {
  readonly #stream: Inflating;
  readonly #frames: ZstdFrames | undefined;
  readonly #name: string;
  readonly #maxBytes: number;
  readonly #address: string;
  /** Bytes that were passed to the stream, and bytes of text that came out. */
  #passed = 0;
  #received = 0;
  /** Whether the compressed data have ended. Only zeros may follow them, as archives on tape have. */
  #isOver = false;
  /** Whether all text was read. */
  #isEnded = false;
  #fault: Error | undefined;
  /** Continues a call that waits for the stream. */
  #wake: () => void = () => undefined;

  constructor({ name, makeStream, makeFrames }: CompressedFormat, maxBytes: number, address: string) {
    this.#name = name;
    this.#maxBytes = maxBytes;
    this.#address = address;
    this.#stream = makeStream(address);
    this.#frames = makeFrames?.();
    this.#stream.on("readable", () => {
      this.#wake();
    });
    this.#stream.on("end", () => {
      this.#isEnded = true;
      this.#wake();
    });
    this.#stream.on("error", (error) => {
      this.#fault = error;
      this.#wake();
    });
  }

  /** The text of the next compressed bytes, as far as it is known. */
  async *push(bytes: Uint8Array): AsyncIterable<Uint8Array> {
    const parts = this.#attempt(() => [...(this.#frames?.push(bytes) ?? [bytes])]);
    for (const part of parts) {
      yield* this.#pushPart(part);
    }
  }

  async *#pushPart(bytes: Uint8Array): AsyncIterable<Uint8Array> {
    if (this.#isOver) {
      this.#checkPadding(bytes);
      return;
    }
    let isTaken = false;
    this.#passed += bytes.length;
    this.#stream.write(bytes, () => {
      isTaken = true;
      this.#wake();
    });
    yield* this.#textUntil(() => isTaken || this.#isEnded);
    const unread = this.#passed - this.#stream.bytesWritten;
    this.#isOver = this.#isEnded || unread > 0;
    this.#checkPadding(bytes.subarray(bytes.length - unread));
  }

  /** The rest of the text. */
  async *finish(): AsyncIterable<Uint8Array> {
    this.#attempt(() => this.#frames?.finish());
    if (!this.#isEnded) {
      this.#stream.end();
      yield* this.#textUntil(() => this.#isEnded);
    }
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /** The text that the stream makes until a condition holds. */
  async *#textUntil(isDone: () => boolean): AsyncIterable<Uint8Array> {
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const text = this.#stream.read() as Buffer | null;
      if (this.#fault !== undefined) {
        throw this.#errorOf(this.#fault.message, this.#fault);
      }
      if (text !== null) {
        this.#count(text.length);
        yield text;
      } else if (isDone()) {
        return;
      } else {
        await woken;
      }
    }
  }

  /** Run a check of the compressed bytes. */
  #attempt<T>(check: () => T): T {
    try {
      return check();
    } catch (cause) {
      throw this.#errorOf(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  #errorOf(reason: string, cause: unknown): FormatError {
    const message = `${this.#address}: the ${this.#name} data are damaged or truncated: ${reason}`;
    return new FormatError(message, { cause });
  }

  #count(bytes: number): void {
    this.#received += bytes;
    if (this.#received > this.#maxBytes) {
      throw new FormatError(
        `${this.#address}: the text has more than ${this.#maxBytes} bytes after decompression; a larger maxBytes allows it`,
      );
    }
  }

  #checkPadding(bytes: Uint8Array): void {
    if (bytes.some((byte) => byte !== 0)) {
      throw new FormatError(`${this.#address}: other bytes follow the ${this.#name} data`);
    }
  }
}

/** A decompressor of zstd, which Node has from version 22.15 on, and the types of an earlier one do not. */
function zstdStream(address: string): Inflating {
  const make: unknown = Reflect.get(zlib, "createZstdDecompress");
  if (!isStreamMaker(make)) {
    throw new UnsupportedFileFormatError(
      `${address}: the file is compressed by zstd, which Node reads from version 22.15 on; this is ${process.version}`,
    );
  }
  return make({ chunkSize: PART_BYTES });
}

function isStreamMaker(value: unknown): value is (options: zlib.ZlibOptions) => Inflating {
  return typeof value === "function";
}
