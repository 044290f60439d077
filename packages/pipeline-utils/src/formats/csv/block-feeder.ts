/** The usual size of a block: few enough bytes to stay in a processor's cache, enough for few batches of records. */
export const BLOCK_BYTES = 1 << 20;
/** No record may have as many bytes. If a quote is never closed, this many bytes are read before the error. */
export const MAX_RECORD_BYTES = 1 << 25;
/** By how much the next block grows if a record is longer than a block. */
const GROWTH_FACTOR = 2;
/** By how much the memory of a block exceeds it: pages that are not filled take no memory. */
const SPARE_FACTOR = 32;

/**
 * Take the whole records at the beginning of a block.
 *
 * @param end - Bytes of the block; `bytes[end]` is spare.
 * @param last - Whether the file ends there.
 * @returns How many bytes were taken. The rest begins the next block.
 */
export type TakeBlock = (bytes: Uint8Array, end: number, last: boolean) => number;

/** Makes blocks of chunks of any size. The result of reading therefore never depends on how the bytes were cut. */
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
    this.#take(this.#bytes, this.#length, true);
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

/** A plain Uint8Array (a Buffer would make the loops over it polymorphic) whose pages are not touched yet. */
function uninitialised(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}
