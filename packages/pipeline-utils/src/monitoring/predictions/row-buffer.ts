/** Bytes that are allocated at a time. */
const BLOCK_BYTES = 65_536;
/** The most bytes of one UTF-16 unit in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/** Lines of text as UTF-8, in blocks. */
export class RowBuffer {
  readonly #full: Buffer[] = [];
  #block: Buffer = Buffer.alloc(0);
  #used = 0;
  /** Bytes of all blocks, used or not. */
  #bytes = 0;
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  /** Memory that the rows take. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Add a line.
   *
   * @param maxBytes - Limit of `bytes`.
   * @returns Whether it fits.
   */
  add(line: string, maxBytes: number): boolean {
    if (
      this.#used + line.length * MAX_BYTES_PER_UNIT > this.#block.length &&
      !this.#makeRoom(line, maxBytes)
    ) {
      return false;
    }
    this.#used += this.#block.write(line, this.#used);
    this.#rows += 1;
    return true;
  }

  /** The bytes of all lines, in order. */
  blocks(): Buffer[] {
    return [...this.#full, this.#block.subarray(0, this.#used)];
  }

  #makeRoom(line: string, maxBytes: number): boolean {
    const bytes = Buffer.byteLength(line);
    if (this.#used + bytes <= this.#block.length) {
      return true;
    }
    const length = Math.max(BLOCK_BYTES, bytes);
    if (this.#bytes + length > maxBytes) {
      return false;
    }
    if (this.#used > 0) {
      this.#full.push(this.#block.subarray(0, this.#used));
    }
    this.#block = Buffer.allocUnsafe(length);
    this.#bytes += length;
    this.#used = 0;
    return true;
  }
}
