import { LINE_FEED } from "./record-scanner.js";

/** Whole records of a file. */
export interface Block {
  /** Offset in the file of the first record. */
  readonly start: number;
  readonly end: number;
  readonly records: number;
}

/** Chunks of fewer bytes are copied together: an array costs some hundred bytes of its own. */
const SMALL = 1 << 12;
/** A source that has not used the memory of a chunk again after so many has memory of its own for each. */
const TRUSTED_AFTER = 32;

/**
 * The bytes read so far, kept so that a column may be read again as text, and a line be found for a message.
 *
 * Chunks are kept themselves: a copy takes a tenth of the time of the parsing, and as much memory again until the chunks
 * are collected. But a source may read into the same memory again and again, so that the first chunks are copied, and all
 * of a source that is seen to do so.
 */
export class Body {
  readonly blocks: Block[] = [];
  readonly #chunks: Uint8Array[] = [];
  /** Of each memory that chunks were views of, where the last of them ended. */
  readonly #ends = new Map<ArrayBufferLike, number>();
  /** The last chunk of the source, not a copy. */
  #last: Uint8Array | undefined;
  #reusesMemory = false;
  /** Whether chunks were kept without a copy. */
  #keepsMemory = false;
  /** Small chunks, end to end: the first `#used` bytes. */
  #small = new Uint8Array(0);
  #used = 0;

  keep(chunk: Uint8Array): void {
    if (chunk.length < SMALL) {
      this.#keepSmall(chunk);
      return;
    }
    this.#flush();
    if (this.#isUsedAgain(chunk)) this.#reusesMemory = true;
    this.#last = chunk;
    if (this.#reusesMemory || this.#chunks.length < TRUSTED_AFTER) this.#chunks.push(new Uint8Array(chunk));
    else {
      this.#chunks.push(chunk);
      this.#keepsMemory = true;
    }
  }

  /**
   * Copy the bytes from `start` to before `end` of the file into the beginning of `target`.
   *
   * @throws {TypeError} The source wrote over a chunk, or transferred it.
   */
  copy(start: number, end: number, target: Uint8Array): void {
    for (const { at, bytes } of this.#before(end)) {
      const from = Math.max(0, start - at);
      const part = bytes.subarray(from, Math.max(from, end - at));
      if (part.length > 0) target.set(part, at + from - start);
    }
  }

  /**
   * The line, from 1, on which the byte at an offset in the file lies.
   *
   * @throws {TypeError} The source wrote over a chunk, or transferred it.
   */
  lineOf(offset: number): number {
    let line = 1;
    for (const { at, bytes } of this.#before(offset)) line += countLines(bytes, offset - at);
    return line;
  }

  /** The block that holds a row, and the row's place in it. */
  find(row: number): { block: Block; record: number } {
    let record = row;
    for (const block of this.blocks) {
      if (record < block.records) return { block, record };
      record -= block.records;
    }
    throw new RangeError(`row ${row} was not read`);
  }

  /** Let go of all bytes. */
  clear(): void {
    this.blocks.length = 0;
    this.#chunks.length = 0;
    this.#ends.clear();
    this.#last = undefined;
    this.#used = 0;
  }

  /** The chunks that begin before an offset in the file, and where. */
  *#before(end: number): Iterable<{ at: number; bytes: Uint8Array }> {
    // An array whose memory was transferred has no bytes.
    const isTaken = this.#chunks.some(({ length }) => length === 0);
    if ((this.#reusesMemory && this.#keepsMemory) || isTaken) {
      throw new TypeError(
        "the source of the bytes writes over chunks that it has yielded, or transfers them, and they are needed again; it must yield copies",
      );
    }
    this.#flush();
    let at = 0;
    for (const bytes of this.#chunks) {
      if (at >= end) break;
      yield { at, bytes };
      at += bytes.length;
    }
  }

  /**
   * Whether a chunk may be a view of bytes of one before: of the same buffer, or of memory that was transferred from buffer
   * to buffer, as a reader of a stream "bring your own buffer" does.
   */
  #isUsedAgain({ buffer, byteOffset, length }: Uint8Array): boolean {
    const end = this.#ends.get(buffer) ?? 0;
    this.#ends.set(buffer, Math.max(end, byteOffset + length));
    return byteOffset < end || this.#last?.length === 0;
  }

  #keepSmall(chunk: Uint8Array): void {
    if (this.#used + chunk.length > this.#small.length) this.#flush();
    if (this.#used === 0) this.#small = new Uint8Array(4 * SMALL);
    this.#small.set(chunk, this.#used);
    this.#used += chunk.length;
  }

  #flush(): void {
    if (this.#used > 0) this.#chunks.push(this.#small.subarray(0, this.#used));
    this.#small = new Uint8Array(0);
    this.#used = 0;
  }
}

/** Line feeds in `bytes[0, end)`. */
function countLines(bytes: Uint8Array, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0 && at < end; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}
