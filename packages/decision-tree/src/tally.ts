/** The number, and the sum of labels, of a node's rows for each value of a coded feature that the node has. */
export class Tally {
  /** Number of values. */
  size = 0;
  /** The values' codes, ascending, at index 0 to `size - 1`; so the other two. */
  readonly codes: Int32Array;
  readonly counts: Int32Array;
  /** Sums of labels relative to the node's mean. */
  readonly sums: Float64Array;

  /** The same by code, zero between calls. */
  readonly #countOf: Int32Array;
  readonly #sumOf: Float64Array;
  /** One bit for each code, zero between calls: a small node has few of them, and skips the rest by words. */
  readonly #present: Int32Array;
  /** The labels of the node's rows, relative to its mean. */
  readonly #labels: Float64Array;

  /**
   * @param rows - Rows of the largest node.
   * @param mostValues - Largest number of values of a feature.
   */
  constructor(rows: number, mostValues: number) {
    this.codes = new Int32Array(mostValues);
    this.counts = new Int32Array(mostValues);
    this.sums = new Float64Array(mostValues);
    this.#countOf = new Int32Array(mostValues);
    this.#sumOf = new Float64Array(mostValues);
    this.#present = new Int32Array((mostValues >>> 5) + 1);
    this.#labels = new Float64Array(rows);
  }

  /** Begin a node: `rows` holds its rows at `start` to `end - 1`. */
  enter(labels: Float64Array, rows: Int32Array, start: number, end: number, mean: number): void {
    for (let i = start; i < end; i++) this.#labels[i - start] = labels[rows[i]!]! - mean;
  }

  /** Tally the node that was entered along a feature of `valueCount` values. */
  fill(codes: Uint16Array, valueCount: number, rows: Int32Array, start: number, end: number): void {
    if (end - start < valueCount) this.#addFew(codes, rows, start, end);
    else {
      this.#addMany(codes, rows, start, end);
      for (let code = 0; code < valueCount; code++) {
        if (this.#countOf[code] !== 0) this.#present[code >>> 5]! |= 1 << (code & 31);
      }
    }
    this.#collect(valueCount);
  }

  #addMany(codes: Uint16Array, rows: Int32Array, start: number, end: number): void {
    const countOf = this.#countOf;
    const sumOf = this.#sumOf;
    const labels = this.#labels;
    for (let i = start; i < end; i++) {
      const code = codes[rows[i]!]!;
      countOf[code]!++;
      sumOf[code]! += labels[i - start]!;
    }
  }

  #addFew(codes: Uint16Array, rows: Int32Array, start: number, end: number): void {
    const countOf = this.#countOf;
    const sumOf = this.#sumOf;
    const labels = this.#labels;
    const present = this.#present;
    for (let i = start; i < end; i++) {
      const code = codes[rows[i]!]!;
      countOf[code]!++;
      sumOf[code]! += labels[i - start]!;
      present[code >>> 5]! |= 1 << (code & 31);
    }
  }

  /** Move what was added to the front, in the order of codes. */
  #collect(valueCount: number): void {
    const { codes, counts, sums } = this;
    const countOf = this.#countOf;
    const sumOf = this.#sumOf;
    const present = this.#present;
    let size = 0;
    for (let word = 0; word << 5 < valueCount; word++) {
      for (let bits = present[word]!; bits !== 0; bits &= bits - 1) {
        const code = (word << 5) + 31 - Math.clz32(bits & -bits);
        codes[size] = code;
        counts[size] = countOf[code]!;
        sums[size++] = sumOf[code]!;
        countOf[code] = 0;
        sumOf[code] = 0;
      }
      present[word] = 0;
    }
    this.size = size;
  }
}
