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

/** Bytes of a chunk by which it is noticed that it was written over. */
const SAMPLES = 16;

/** The bytes read so far, kept so that a column may be read again as text, and a line be found for a message. */
export class Body {
  readonly blocks: Block[] = [];
  readonly #chunks: { readonly bytes: Uint8Array; readonly mark: number }[] = [];
  /** Small chunks, end to end: the first `#used` bytes. */
  #small = new Uint8Array(0);
  #used = 0;

  /** @param chunk - Kept itself, unless it is small: a copy would cost as much time and memory as the copy that is parsed. */
  keep(chunk: Uint8Array): void {
    if (chunk.length >= SMALL || this.#used + chunk.length > this.#small.length) this.#flush();
    if (chunk.length >= SMALL) this.#chunks.push({ bytes: chunk, mark: markOf(chunk) });
    else {
      if (this.#used === 0) this.#small = new Uint8Array(4 * SMALL);
      this.#small.set(chunk, this.#used);
      this.#used += chunk.length;
    }
  }

  /**
   * Copy the bytes from `start` to before `end` of the file into the beginning of `target`.
   *
   * @throws {TypeError} The source wrote over a chunk.
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
   * @throws {TypeError} The source wrote over a chunk.
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
    this.#used = 0;
  }

  /** The chunks that begin before an offset in the file, and where. */
  *#before(end: number): Iterable<{ at: number; bytes: Uint8Array }> {
    this.#flush();
    let at = 0;
    for (const { bytes, mark } of this.#chunks) {
      if (at >= end) break;
      if (markOf(bytes) !== mark)
        throw new TypeError(
          `the source of the bytes wrote over those from ${at} to ${at + bytes.length}, which it had yielded; it must yield copies`,
        );
      yield { at, bytes };
      at += bytes.length;
    }
  }

  #flush(): void {
    if (this.#used > 0) {
      const bytes = this.#small.subarray(0, this.#used);
      this.#chunks.push({ bytes, mark: markOf(bytes) });
    }
    this.#small = new Uint8Array(0);
    this.#used = 0;
  }
}

/** A number of some of the bytes. */
function markOf(bytes: Uint8Array): number {
  let mark = 0;
  for (let sample = 1; sample <= SAMPLES; sample++)
    mark = (Math.imul(mark, 31) + bytes[Math.floor((sample * (bytes.length - 1)) / SAMPLES)]!) | 0;
  return mark;
}

/** Line feeds in `bytes[0, end)`. */
function countLines(bytes: Uint8Array, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0 && at < end; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}
