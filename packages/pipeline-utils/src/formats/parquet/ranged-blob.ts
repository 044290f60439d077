import { type ByteRanges } from "./byte-ranges.js";

/**
 * A Blob whose bytes are read when they are asked for: what parquet-wasm takes for a file, of which it uses `size`,
 * `slice` and `arrayBuffer`.
 */
export class RangedBlob extends Blob {
  /** Why a range could not be read; parquet-wasm tells only that one could not. */
  fault: Error | undefined;
  override readonly size: number;

  readonly #source: ByteRanges;
  readonly #start: number;
  readonly #whole: RangedBlob;

  constructor(source: ByteRanges, start = 0, end = source.size, whole?: RangedBlob) {
    super([]);
    this.#source = source;
    this.#start = start;
    this.size = end - start;
    this.#whole = whole ?? this;
  }

  override slice(start = 0, end = this.size): Blob {
    const from = this.#start + Math.min(start, this.size);
    const to = this.#start + Math.min(end, this.size);
    return new RangedBlob(this.#source, from, to, this.#whole);
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    try {
      const bytes = await this.#source.read(this.#start, this.#start + this.size);
      if (bytes.length !== this.size) throw new Error(`read ${bytes.length} bytes in place of ${this.size}`);
      return new Uint8Array(bytes).buffer;
    } catch (error) {
      this.#whole.fault ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }
}
