/** The number, and the sum of labels, of a node's rows for each value of a coded feature. */
export class Tally {
  /** By code. */
  readonly counts: Int32Array;
  readonly sums: Float64Array;
  /** One bit for each code: those that the node has. Small nodes have few, and skip the rest by words. */
  readonly #present: Int32Array;
  #valueCount = 0;

  /** @param capacity - The largest number of values of a feature. */
  constructor(capacity: number) {
    this.counts = new Int32Array(capacity);
    this.sums = new Float64Array(capacity);
    this.#present = new Int32Array((capacity >>> 5) + 1);
  }

  /**
   * Count the rows at `start` to `end - 1` of `rows`, and sum their labels relative to `mean`.
   *
   * @param valueCount - Number of values of the feature.
   */
  fill(
    codes: Uint16Array,
    valueCount: number,
    labels: Float64Array,
    rows: Int32Array,
    start: number,
    end: number,
    mean: number,
  ): void {
    const { counts, sums } = this;
    counts.fill(0, 0, valueCount);
    sums.fill(0, 0, valueCount);
    for (let i = start; i < end; i++) {
      const row = rows[i]!;
      const code = codes[row]!;
      counts[code]!++;
      sums[code]! += labels[row]! - mean;
    }
    this.#valueCount = valueCount;
    if (end - start < valueCount) this.#markRows(codes, rows, start, end);
    else this.#markCounts();
  }

  /** The first code from `from` on that the node has; the number of values where there is none. */
  next(from: number): number {
    const present = this.#present;
    const last = this.#valueCount >>> 5;
    let word = from >>> 5;
    let bits = present[word]! & (-1 << (from & 31));
    while (bits === 0) {
      if (word === last) return this.#valueCount;
      bits = present[++word]!;
    }
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }

  #markRows(codes: Uint16Array, rows: Int32Array, start: number, end: number): void {
    const present = this.#present;
    present.fill(0, 0, (this.#valueCount >>> 5) + 1);
    for (let i = start; i < end; i++) {
      const code = codes[rows[i]!]!;
      present[code >>> 5]! |= 1 << (code & 31);
    }
  }

  #markCounts(): void {
    const present = this.#present;
    present.fill(0, 0, (this.#valueCount >>> 5) + 1);
    for (let code = 0; code < this.#valueCount; code++) {
      if (this.counts[code]! > 0) present[code >>> 5]! |= 1 << (code & 31);
    }
  }
}
