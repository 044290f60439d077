/** Whole records of a file. */
export interface Block {
  /** Offset in the file of the first record. */
  readonly start: number;
  readonly end: number;
  readonly records: number;
  /** Line feeds. */
  readonly lines: number;
}

/** Bytes that are kept. */
interface Chunk {
  /** Offset in the file. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly isCopy: boolean;
}

/** Chunks of fewer bytes are copied together: an array costs some hundred bytes of its own. */
const SMALL = 1 << 12;
/** A source that has not used the memory of a chunk again after so many has memory of its own for each. */
const TRUSTED_AFTER = 32;

/**
 * The blocks read so far, and their bytes as far as a column may be read again as text, or the line of a row be looked for.
 *
 * Chunks are kept themselves: a copy takes a tenth of the time of the parsing, and as much memory again until the chunks
 * are collected. But a source may read into the same memory again and again, so that the first chunks are copied, and all
 * of a source that is seen to do so. And a record of many megabytes must not be there twice: from the first that is longer
 * than a block on, needed blocks are copied.
 */
export class Body {
  readonly #blocks: Block[] = [];
  readonly #chunks: Chunk[] = [];
  /** Bytes of all chunks, kept or not, but for small ones that wait. */
  #length = 0;
  /** Whether chunks are kept, not copies of blocks. */
  #keepsChunks = true;
  /** Whether bytes before the last block are needed, and so all that follow. */
  #isNeeded = false;
  /** Chunks that were not small. */
  #seen = 0;
  /** Of each memory that chunks were views of, where the last of them ended. */
  readonly #ends = new WeakMap<ArrayBufferLike, number>();
  /** The last chunk of the source, not a copy. */
  #last: Uint8Array | undefined;
  #reusesMemory = false;
  /** Small chunks, end to end: the first `#used` bytes. */
  #small = new Uint8Array(0);
  #used = 0;

  /** The blocks added, without those of no records. */
  get blocks(): readonly Block[] {
    return this.#blocks.filter(({ records }) => records > 0);
  }

  /** Offset in the file of the end of the blocks. */
  get end(): number {
    return this.#blocks.at(-1)?.end ?? 0;
  }

  /** The line after the blocks, from 1. */
  get line(): number {
    return this.#blocks.reduce((line, { lines }) => line + lines, 1);
  }

  /** Keep the next bytes of the file. */
  keep(chunk: Uint8Array): void {
    if (!this.#keepsChunks) return;
    if (chunk.length < SMALL) {
      this.#keepSmall(chunk);
      return;
    }
    this.#flush();
    if (this.#isUsedAgain(chunk)) this.#reusesMemory = true;
    this.#last = chunk;
    const isCopy = this.#reusesMemory || this.#seen++ < TRUSTED_AFTER;
    this.#push(isCopy ? new Uint8Array(chunk) : chunk, isCopy);
  }

  /** Keep no more chunks: of bytes from `start` on, which are in the memory of a block that grows, blocks are copied. */
  keepBlocks(start: number): void {
    if (!this.#keepsChunks) return;
    this.#flush();
    this.#keepsChunks = false;
    this.#chunks.splice(this.#chunks.findLastIndex((chunk) => chunk.start < start) + 1);
  }

  /**
   * Take note of the block that follows the last one.
   *
   * @param bytes - Of the block; they may be written over afterwards.
   * @param isNeeded - Whether its bytes may be asked for.
   */
  add(block: Block, bytes: Uint8Array, isNeeded: boolean): void {
    this.#blocks.push(block);
    this.#isNeeded ||= isNeeded;
    if (!this.#isNeeded) this.forget(block.end);
    else if (!this.#keepsChunks) this.#chunks.push({ ...block, bytes: bytes.slice(), isCopy: true });
  }

  /**
   * Copy the bytes from `start` to before `end` of the file, which are needed, into the beginning of `target`.
   *
   * @throws {TypeError} The source wrote over a chunk, or transferred it.
   */
  copy(start: number, end: number, target: Uint8Array): void {
    for (const { at, bytes } of this.#between(start, end)) target.set(bytes, at - start);
  }

  /** The block that holds a row, the row's place in it, and the line, from 1, on which the block begins. */
  find(row: number): { block: Block; record: number; line: number } {
    let record = row;
    let line = 1;
    for (const block of this.#blocks) {
      if (record < block.records) return { block, record, line };
      record -= block.records;
      line += block.lines;
    }
    throw new RangeError(`row ${row} was not read`);
  }

  /** Let go of the bytes before an offset in the file, as far as no chunk has others too. */
  forget(end: number): void {
    const kept = this.#chunks.findIndex((chunk) => chunk.end > end);
    this.#chunks.splice(0, kept < 0 ? this.#chunks.length : kept);
  }

  /** Let go of all bytes. */
  clear(): void {
    this.#chunks.length = 0;
    this.#last = undefined;
    this.#used = 0;
  }

  #push(bytes: Uint8Array, isCopy: boolean): void {
    const start = this.#length;
    this.#length += bytes.length;
    this.#chunks.push({ start, end: this.#length, bytes, isCopy });
  }

  /** The bytes that are kept between two offsets in the file, in parts, and where each begins. */
  *#between(start: number, end: number): Iterable<{ at: number; bytes: Uint8Array }> {
    this.#flush();
    for (const chunk of this.#chunks) {
      if (chunk.end <= start || chunk.start >= end) continue;
      // An array whose memory was transferred has no bytes.
      if (!chunk.isCopy && (this.#reusesMemory || chunk.bytes.length === 0)) {
        throw new TypeError(
          "the source of the bytes writes over chunks that it has yielded, or transfers them, and they are needed again; it must yield copies",
        );
      }
      const at = Math.max(start, chunk.start);
      yield { at, bytes: chunk.bytes.subarray(at - chunk.start, end - chunk.start) };
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
    if (this.#used > 0) this.#push(this.#small.subarray(0, this.#used), true);
    this.#small = new Uint8Array(0);
    this.#used = 0;
  }
}
