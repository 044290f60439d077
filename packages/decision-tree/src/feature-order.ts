import type { CodedFeature } from "./training-set.js";

/** A node's rows in the order of a feature: their values, and their ranks by label. */
export class FeatureOrder {
  /** Ascending, from index 0. */
  readonly values: Float32Array;
  /** Ranks from 1 of the same rows among the node's labels. */
  readonly ranks: Int32Array;
  /** By row. */
  readonly #rank: Int32Array;
  /** Where the rows of each code go. */
  readonly #ends: Int32Array;

  /**
   * @param rows - Rows of the largest node.
   * @param mostValues - Largest number of values of a coded feature.
   */
  constructor(rows: number, mostValues: number) {
    this.values = new Float32Array(rows);
    this.ranks = new Int32Array(rows);
    this.#rank = new Int32Array(rows);
    this.#ends = new Int32Array(mostValues);
  }

  /** Begin a node: `byLabel` holds its rows at `start` to `end - 1`. */
  enter(byLabel: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.#rank[byLabel[i]!] = i - start + 1;
  }

  /** Read a feature whose rows are kept sorted. */
  fillSorted(values: Float32Array, order: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const row = order[i]!;
      this.values[i - start] = values[row]!;
      this.ranks[i - start] = this.#rank[row]!;
    }
  }

  /** Sort a coded feature by counting; rows of one value stay in the order of their labels. */
  fillByCode({ codes, values }: CodedFeature, byLabel: Int32Array, start: number, end: number): void {
    const ends = this.#ends;
    ends.fill(0, 0, values.length);
    for (let i = start; i < end; i++) ends[codes[byLabel[i]!]!]!++;
    let begin = 0;
    for (let code = 0; code < values.length; code++) {
      const count = ends[code]!;
      ends[code] = begin;
      begin += count;
    }
    for (let i = start; i < end; i++) {
      const code = codes[byLabel[i]!]!;
      const position = ends[code]!++;
      this.values[position] = values[code]!;
      this.ranks[position] = i - start + 1;
    }
  }
}
