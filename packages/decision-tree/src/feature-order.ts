/** A node's rows in the order of a feature: their values, and their ranks by label. */
export class FeatureOrder {
  /** Ascending, from index 0. */
  readonly values: Float32Array;
  /** Ranks from 1 of the same rows among the node's labels. */
  readonly ranks: Int32Array;
  /** By row. */
  readonly #rank: Int32Array;

  /** @param capacity - Rows of the largest node. */
  constructor(capacity: number) {
    this.values = new Float32Array(capacity);
    this.ranks = new Int32Array(capacity);
    this.#rank = new Int32Array(capacity);
  }

  /** Begin a node: `byLabel` holds its rows at `start` to `end - 1`. */
  enter(byLabel: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.#rank[byLabel[i]!] = i - start + 1;
  }

  /** Read a feature; `order` holds the node's rows at `start` to `end - 1`, their values ascending. */
  fill(values: Float32Array, order: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const row = order[i]!;
      this.values[i - start] = values[row]!;
      this.ranks[i - start] = this.#rank[row]!;
    }
  }
}
