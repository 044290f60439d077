/**
 * Summary of a node's rows along a coded feature. Each value that occurs has the number of its rows and the sum of
 * their labels.
 */
export class Histogram {
  /** Number of values that occur in the node. */
  size = 0;
  /** The values' codes, ascending, at index 0 to `size - 1`; `counts` and `sums` have the same indices. */
  readonly codes: Int32Array;
  readonly counts: Int32Array;
  /** Sums of labels relative to the node's mean. */
  readonly sums: Float64Array;

  /** Counts and sums by code, zero between calls. */
  readonly #countOf: Int32Array;
  readonly #sumOf: Float64Array;
  /**
   * One bit for each code, zero between calls. A small node has few codes, so whole words of absent codes are skipped.
   */
  readonly #present: Int32Array;
  /** The labels of the node's rows, relative to its mean. */
  readonly #labels: Float64Array;

  /**
   * @param rows - Rows of the largest node.
   * @param maxValues - Largest number of values of a feature.
   */
  constructor(rows: number, maxValues: number) {
    this.codes = new Int32Array(maxValues);
    this.counts = new Int32Array(maxValues);
    this.sums = new Float64Array(maxValues);
    this.#countOf = new Int32Array(maxValues);
    this.#sumOf = new Float64Array(maxValues);
    this.#present = new Int32Array((maxValues >>> 5) + 1);
    this.#labels = new Float64Array(rows);
  }

  /** Begin a node: `rows` holds its rows at `start` to `end - 1`. */
  enter(labels: Float64Array, rows: Int32Array, start: number, end: number, mean: number): void {
    for (let i = start; i < end; i++) {
      this.#labels[i - start] = labels[rows[i]!]! - mean;
    }
  }

  /** Count the rows of the current node along a feature with `valueCount` values. */
  fill(codes: Uint16Array, valueCount: number, rows: Int32Array, start: number, end: number): void {
    if (end - start < valueCount) {
      this.#addSparse(codes, rows, start, end);
    } else {
      this.#addDense(codes, rows, start, end);
      for (let code = 0; code < valueCount; code++) {
        if (this.#countOf[code] !== 0) {
          this.#present[code >>> 5]! |= 1 << (code & 31);
        }
      }
    }
    this.#collect(valueCount);
  }

  /** Add many rows. At the end, `fill` marks the codes that occur, once for each code. */
  #addDense(codes: Uint16Array, rows: Int32Array, start: number, end: number): void {
    const countOf = this.#countOf;
    const sumOf = this.#sumOf;
    const labels = this.#labels;
    for (let i = start; i < end; i++) {
      const code = codes[rows[i]!]!;
      countOf[code]!++;
      sumOf[code]! += labels[i - start]!;
    }
  }

  /** Add fewer rows than there are codes, and mark the codes that occur at once. */
  #addSparse(codes: Uint16Array, rows: Int32Array, start: number, end: number): void {
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

  /** Move the counts and sums to the front, in the order of codes. */
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
