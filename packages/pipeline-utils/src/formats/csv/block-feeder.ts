/** Usual bytes of a block: few enough for a processor's cache, and enough for few batches of records. */
export const BLOCK_BYTES = 1 << 20;
/** Limit of the bytes of a record. An error reports an unclosed quote after this many bytes. */
export const MAX_RECORD_BYTES = 1 << 25;
/** Factor by which the next block grows if a record is longer than a block. */
const GROWTH_FACTOR = 2;
/** Factor of the memory reserved for a block, over the block's bytes. Unused pages take no physical memory. */
const SPARE_FACTOR = 32;

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
