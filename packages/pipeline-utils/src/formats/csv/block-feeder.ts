/** Bytes of a block: few enough to stay in a processor's cache, enough for few batches of records. */
export const BLOCK = 1 << 20;
/** How many times larger the next block is, for a record that is longer than a block. */
const GROWTH = 2;
/** How many times larger its memory is: what is not filled is not there. */
const SPARE = 32;
/** No record has as many bytes: where a quote is never closed, as much is read before that is told. */
export const MAX_RECORD = 1 << 25;

/**
 * Take the whole records at the beginning of a block.
 *
 * @param end - Bytes of the block; `bytes[end]` is spare.
 * @param last - Whether the file ends there.
 * @returns How many bytes were taken; the rest comes again, at the beginning of the next block.
 */
export type TakeBlock = (bytes: Uint8Array, end: number, last: boolean) => number;

/** Makes blocks of chunks of any size, so that what is read never depends on how the bytes were cut. */
export class BlockFeeder {
  readonly #take: TakeBlock;
  /** Bytes of the blocks to come, unless a record is longer. */
  size: number;
  #bytes: Uint8Array;
  #length = 0;
  /** Bytes of the block in the making, when it is whole. */
  #limit: number;

  constructor(take: TakeBlock, size = BLOCK) {
    this.#take = take;
    this.size = size;
    this.#limit = size;
    this.#bytes = uninitialised(size + 1);
  }

  push(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length) {
      const room = this.#limit - this.#length;
      const taken = Math.min(room, chunk.length - offset);
      this.#bytes.set(chunk.subarray(offset, offset + taken), this.#length);
      this.#length += taken;
      offset += taken;
      if (taken === room) this.#next();
    }
  }

  finish(): void {
    this.#take(this.#bytes, this.#length, true);
  }

  /** Let go of the last block. */
  release(): void {
    this.#bytes = new Uint8Array(0);
  }

  /** Hand the block over and begin another with what was left of it. */
  #next(): void {
    const taken = this.#take(this.#bytes, this.#length, false);
    const rest = this.#bytes.subarray(taken, this.#length);
    const limit = taken > 0 ? Math.max(this.size, rest.length) : GROWTH * rest.length;
    this.#limit = Math.min(MAX_RECORD, limit);
    if (this.#limit >= this.#bytes.length)
      this.#bytes = uninitialised(Math.min(MAX_RECORD, SPARE * this.#limit) + 1);
    this.#bytes.set(rest);
    this.#length = rest.length;
  }
}

/** A plain Uint8Array (a Buffer would make the loops over it polymorphic) whose pages are not touched yet. */
function uninitialised(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}
