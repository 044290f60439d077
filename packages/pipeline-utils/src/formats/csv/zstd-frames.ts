/** The first bytes of a frame of data. */
const DATA_MAGIC = Buffer.from("28b52ffd", "hex");
const MAGIC_BYTES = DATA_MAGIC.length;
/** The first bytes of a frame to skip, but for the lowest four bits. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const CHECKSUM_BYTES = 4;
/** By the two bits of a frame's descriptor. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
/** By the two bits of a frame's descriptor. A frame of a single segment has 1 in place of 0. */
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
/** The limit of zstd's decoder, `ZSTD_WINDOWLOG_LIMIT_DEFAULT`. `zstd --long=28` and above exceed it. */
const MAX_WINDOW_MEBIBYTES = 128;
/** A block of one byte, repeated. */
const RUN_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** The next bytes of a stream, and where they stand. */
interface Step {
  readonly bytes: number;
  readonly place: "between" | "data" | "skipped";
}

/** Whether bytes, at least four, begin a file of zstd. Some writers begin with a frame to skip. */
export function beginsZstd(bytes: Uint8Array): boolean {
  const magic = Buffer.from(bytes.subarray(0, MAGIC_BYTES));
  return magic.length === MAGIC_BYTES && (magic.equals(DATA_MAGIC) || isSkippable(magic));
}

/**
 * Finds the frames in a stream of zstd by the headers of their blocks, without decompressing them.
 *
 * Node's decompressor accepts a truncated frame, and drops the frames that follow another one in the same write.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3
 */
export class ZstdFrames {
  readonly #steps = stepsOfFrames();
  #step = this.#steps.next(Buffer.alloc(0)).value;
  /** Bytes of the step that were taken. Short ones are kept in `#header`. */
  #taken = 0;
  readonly #header = Buffer.alloc(MAGIC_BYTES);

  /**
   * Take the next bytes of the stream.
   *
   * @returns The bytes of frames of data, in parts. No part has bytes of two frames.
   * @throws {RangeError} Bytes that are no frame follow a frame, a block is of no known type, or a
   *   frame needs too large a window.
   */
  *push(chunk: Uint8Array): Iterable<Uint8Array> {
    let start = 0;
    let at = 0;
    while (at < chunk.length) {
      const { bytes, place } = this.#step;
      const end = Math.min(at + bytes - this.#taken, chunk.length);
      if (bytes <= this.#header.length) {
        this.#header.set(chunk.subarray(at, end), this.#taken);
      }
      this.#taken += end - at;
      at = end;
      if (this.#taken === bytes) {
        this.#advance();
      }
      const isData = this.#step.place === "data";
      if (place === "data" && (!isData || at === chunk.length)) {
        yield chunk.subarray(start, at);
      }
      if (place !== "data") {
        start = at;
        if (isData) {
          yield DATA_MAGIC;
        }
      }
    }
  }

  /** @throws {RangeError} The stream ended within a frame. */
  finish(): void {
    if (this.#step.place !== "between" || this.#taken > 0) {
      throw new RangeError("unexpected end of file");
    }
  }

  #advance(): void {
    const header = this.#header.subarray(0, this.#step.bytes);
    this.#taken = 0;
    this.#step = this.#steps.next(header).value;
  }
}

/** The structure of a stream. Each step receives its bytes, if they are at most four. */
function* stepsOfFrames(): Generator<Step, never, Buffer> {
  for (;;) {
    const magic = yield { bytes: MAGIC_BYTES, place: "between" };
    if (isSkippable(magic)) {
      const size = yield { bytes: 4, place: "skipped" };
      yield* passed(size.readUInt32LE(), "skipped");
    } else if (magic.equals(DATA_MAGIC)) {
      yield* stepsOfData();
    } else {
      throw new RangeError("other bytes follow a frame");
    }
  }
}

function* stepsOfData(): Generator<Step, void, Buffer> {
  const descriptor = (yield { bytes: 1, place: "data" }).readUInt8();
  const isSingleSegment = (descriptor & 0b100000) !== 0;
  const hasChecksum = (descriptor & 0b100) !== 0;
  const sizeBytes = CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0;
  const idBytes = DICTIONARY_ID_BYTES[descriptor & 0b11] ?? 0;
  if (isSingleSegment) {
    yield* passed(Math.max(sizeBytes, 1) + idBytes, "data");
  } else {
    checkWindow((yield { bytes: 1, place: "data" }).readUInt8());
    yield* passed(sizeBytes + idBytes, "data");
  }
  let isLast = false;
  while (!isLast) {
    const header = (yield { bytes: 3, place: "data" }).readUIntLE(0, 3);
    isLast = (header & 1) !== 0;
    const type = (header >> 1) & 0b11;
    if (type === RESERVED_BLOCK) {
      throw new RangeError("a block is of an unknown type");
    }
    yield* passed(type === RUN_BLOCK ? 1 : header >> 3, "data");
  }
  yield* passed(hasChecksum ? CHECKSUM_BYTES : 0, "data");
}

/**
 * @param descriptor - The logarithm of the window's size in KiB (5 bits), and eighths to add (3 bits).
 * @throws {RangeError} Node's decompressor would reject the window without its size.
 */
function checkWindow(descriptor: number): void {
  const mebibytes = (2 ** (descriptor >> 3) * (1 + (descriptor & 0b111) / 8)) / 1024;
  if (mebibytes > MAX_WINDOW_MEBIBYTES) {
    throw new RangeError(
      `a frame needs a window of ${mebibytes} MiB, and at most ${MAX_WINDOW_MEBIBYTES} MiB are supported`,
    );
  }
}

/** A step of bytes that are not read, if there are any. */
function* passed(bytes: number, place: Step["place"]): Generator<Step, void, Buffer> {
  if (bytes > 0) {
    yield { bytes, place };
  }
}

function isSkippable(magic: Buffer): boolean {
  return (magic.readUInt32LE() & ~0b1111) === SKIPPABLE_MAGIC;
}
