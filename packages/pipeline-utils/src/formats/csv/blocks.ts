/** Usual bytes of a block: few enough for a processor's cache, and enough for few batches of records. */
export const BLOCK_BYTES = 1 << 20;
/** Limit of the bytes of a record. An error reports an unclosed quote after this many bytes. */
export const MAX_RECORD_BYTES = 1 << 25;
/** Factor by which the next block grows if a record is longer than a block. */
const GROWTH_FACTOR = 2;
/** Factor of the memory reserved for a block, over the block's bytes. Unused pages take no physical memory. */
const SPARE_FACTOR = 32;
/** Smaller chunks are joined, because an array costs some hundred bytes of its own. */
const MIN_CHUNK_BYTES = 1 << 12;
/** After this many chunks in separate memory, the reader trusts a source not to reuse memory. */
const COPIED_CHUNKS = 32;

/**
 * Take the whole records at the beginning of a block.
 *
 * @param end - Bytes of the block. `bytes[end]` is a spare byte that may be overwritten.
 * @param last - Whether the file ends there.
 * @returns The number of bytes taken. The rest begins the next block.
 */
export type TakeBlock = (bytes: Uint8Array, end: number, last: boolean) => number;

/** Cuts blocks from chunks of any size, so that the result never depends on the chunks. */
export class BlockFeeder {
  readonly #take: TakeBlock;
  /** Bytes of the next blocks, unless a record is longer. */
  size: number;
  #bytes: Uint8Array;
  #length = 0;
  /** Bytes of the current block when it is full. */
  #limit: number;

  constructor(take: TakeBlock, size = BLOCK_BYTES) {
    this.#take = take;
    this.size = size;
    this.#limit = size;
    this.#bytes = uninitialised(size + 1);
  }

  push(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      const room = this.#limit - this.#length;
      const copied = Math.min(room, chunk.length - offset);
      this.#bytes.set(chunk.subarray(offset, offset + copied), this.#length);
      this.#length += copied;
      offset += copied;
      if (copied === room) {
        this.#handOver();
      }
    }
  }

  finish(): void {
    let taken = this.#take(this.#bytes, this.#length, true);
    while (taken > 0 && taken < this.#length) {
      this.#bytes.copyWithin(0, taken, this.#length);
      this.#length -= taken;
      taken = this.#take(this.#bytes, this.#length, true);
    }
  }

  /** Free the last block. */
  release(): void {
    this.#bytes = new Uint8Array(0);
  }

  /** Hand the block over, and begin the next one with the bytes that were not taken. */
  #handOver(): void {
    const taken = this.#take(this.#bytes, this.#length, false);
    const rest = this.#bytes.subarray(taken, this.#length);
    const limit = taken > 0 ? Math.max(this.size, rest.length) : GROWTH_FACTOR * rest.length;
    this.#limit = Math.min(MAX_RECORD_BYTES, limit);
    if (this.#limit >= this.#bytes.length) {
      this.#bytes = uninitialised(Math.min(MAX_RECORD_BYTES, SPARE_FACTOR * this.#limit) + 1);
    }
    this.#bytes.set(rest);
    this.#length = rest.length;
  }
}

/** Allocate a plain Uint8Array whose pages are still untouched. A Buffer would make the loops over it polymorphic. */
function uninitialised(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

/** Whole records of a file. */
export interface Block {
  /** Offset in the file of the first record. */
  readonly start: number;
  readonly end: number;
  readonly records: number;
  /** Line feeds. */
  readonly lines: number;
}

/** Consecutive bytes that are kept. */
interface KeptChunk {
  /** Offset in the file. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly isCopy: boolean;
}

/**
 * The blocks read so far. Their bytes are kept only while they may be needed: to read a column again as text, or to
 * find the line of a row.
 *
 * The chunks of the source are kept without a copy. Copying takes a tenth of the parsing time, and doubles the memory
 * until the chunks are collected. There are two exceptions:
 *
 * - A source may reuse its memory. The first 32 chunks are therefore copied. If the source reuses memory, all chunks
 *   are.
 * - A record of many megabytes must not be in memory twice. From the first record that is longer than a block, blocks
 *   are copied instead of chunks.
 */
export class KeptBytes {
  readonly #blocks: Block[] = [];
  readonly #chunks: KeptChunk[] = [];
  /** Bytes of all chunks, kept or not. Small chunks count once they are joined. */
  #length = 0;
  /** Whether chunks are kept, not copies of blocks. */
  #keepsChunks = true;
  /** Whether bytes before the last block are needed. If they are, so are all later ones. */
  #isNeeded = false;
  /** The number of chunks that were not small. */
  #largeChunks = 0;
  /** By buffer: the offset at which the last of the chunks in it ended. */
  readonly #endByBuffer = new WeakMap<ArrayBufferLike, number>();
  /** The last chunk of the source, not a copy. */
  #lastChunk: Uint8Array | undefined;
  #reusesMemory = false;
  /** Small chunks, end to end: the first `#used` bytes. */
  #small = new Uint8Array(0);
  #used = 0;
  readonly #firstLine: number;

  /** @param firstLine - The line of the source, from 1, that begins with the first byte. */
  constructor(firstLine = 1) {
    this.#firstLine = firstLine;
  }

  /** The blocks added, without those that have no records. */
  get blocks(): readonly Block[] {
    return this.#blocks.filter(({ records }) => records > 0);
  }

  /** Offset in the file of the end of the blocks. */
  get end(): number {
    return this.#blocks.at(-1)?.end ?? 0;
  }

  /** The line after the blocks, from 1. */
  get line(): number {
    return this.#blocks.reduce((line, { lines }) => line + lines, this.#firstLine);
  }

  /** Keep the next bytes of the file. */
  keep(chunk: Uint8Array): void {
    if (!this.#keepsChunks) {
      return;
    }
    if (chunk.length < MIN_CHUNK_BYTES) {
      this.#keepSmall(chunk);
      return;
    }
    this.#flush();
    if (this.#reusesBytes(chunk)) {
      this.#reusesMemory = true;
    }
    this.#lastChunk = chunk;
    const isCopy = this.#reusesMemory || this.#largeChunks++ < COPIED_CHUNKS;
    this.#push(isCopy ? new Uint8Array(chunk) : chunk, isCopy);
  }

  /** Stop keeping chunks. The bytes from `start` on are in a block that grows, so blocks are copied from now on. */
  keepBlocksInstead(start: number): void {
    if (!this.#keepsChunks) {
      return;
    }
    this.#flush();
    this.#keepsChunks = false;
    this.#chunks.splice(this.#chunks.findLastIndex((chunk) => chunk.start < start) + 1);
  }

  /**
   * Add the block that follows the last one.
   *
   * @param bytes - The bytes of the block. They may be overwritten afterwards.
   * @param isNeeded - Whether its bytes may be read again.
   */
  add(block: Block, bytes: Uint8Array, isNeeded: boolean): void {
    this.#blocks.push(block);
    this.#isNeeded ||= isNeeded;
    if (!this.#isNeeded) {
      this.forget(block.end);
    } else if (!this.#keepsChunks) {
      this.#chunks.push({ ...block, bytes: bytes.slice(), isCopy: true });
    }
  }

  /**
   * Copy the bytes `[start, end)` of the file into the beginning of `target`. They must be kept.
   *
   * @throws {TypeError} The source overwrote a chunk, or transferred it.
   */
  copy(start: number, end: number, target: Uint8Array): void {
    for (const { at, bytes } of this.#between(start, end)) {
      target.set(bytes, at - start);
    }
  }

  /** The block that holds a row, the row's index in it, and the line, from 1, on which the block begins. */
  find(row: number): { block: Block; record: number; line: number } {
    let record = row;
    let line = this.#firstLine;
    for (const block of this.#blocks) {
      if (record < block.records) {
        return { block, record, line };
      }
      record -= block.records;
      line += block.lines;
    }
    throw new RangeError(`row ${row} was not read`);
  }

  /** Free the chunks that end at or before an offset in the file. */
  forget(end: number): void {
    const kept = this.#chunks.findIndex((chunk) => chunk.end > end);
    this.#chunks.splice(0, kept < 0 ? this.#chunks.length : kept);
  }

  /** Free all bytes. */
  clear(): void {
    this.#chunks.length = 0;
    this.#lastChunk = undefined;
    this.#used = 0;
  }

  #push(bytes: Uint8Array, isCopy: boolean): void {
    const start = this.#length;
    this.#length += bytes.length;
    this.#chunks.push({ start, end: this.#length, bytes, isCopy });
  }

  /** The kept bytes between two offsets in the file, in parts with their offsets. */
  *#between(start: number, end: number): Iterable<{ at: number; bytes: Uint8Array }> {
    this.#flush();
    for (const chunk of this.#chunks) {
      if (chunk.end <= start || chunk.start >= end) {
        continue;
      }
      // A transferred array has length 0.
      if (!chunk.isCopy && (this.#reusesMemory || chunk.bytes.length === 0)) {
        throw new TypeError(
          "the source overwrote or transferred a chunk after yielding it, but its bytes are needed again; it must yield copies",
        );
      }
      const at = Math.max(start, chunk.start);
      yield { at, bytes: chunk.bytes.subarray(at - chunk.start, end - chunk.start) };
    }
  }

  /**
   * Whether a chunk may overlap an earlier one. They may share a buffer, or memory that was transferred from one buffer
   * to another, as in a "bring your own buffer" reader of a stream.
   */
  #reusesBytes({ buffer, byteOffset, length }: Uint8Array): boolean {
    const end = this.#endByBuffer.get(buffer) ?? 0;
    this.#endByBuffer.set(buffer, Math.max(end, byteOffset + length));
    return byteOffset < end || this.#lastChunk?.length === 0;
  }

  #keepSmall(chunk: Uint8Array): void {
    if (this.#used + chunk.length > this.#small.length) {
      this.#flush();
    }
    if (this.#used === 0) {
      this.#small = new Uint8Array(4 * MIN_CHUNK_BYTES);
    }
    this.#small.set(chunk, this.#used);
    this.#used += chunk.length;
  }

  #flush(): void {
    if (this.#used > 0) {
      this.#push(this.#small.subarray(0, this.#used), true);
    }
    this.#small = new Uint8Array(0);
    this.#used = 0;
  }
}
