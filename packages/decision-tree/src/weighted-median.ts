import type { NodeSummary } from "./split.js";

/** Weights on both sides of a median are taken as equal if they differ by no more than this share of their sum. */
const EQUAL_WEIGHTS_TOLERANCE = 1e-12;

/**
 * Weighted median, and weighted sum of absolute errors, of the labels of rows that ascend by label from `start` to
 * `end - 1`.
 *
 * The median is the first label up to which half of the weight lies. If exactly half of it does, the median is the
 * mean of this label and the next, as in scikit-learn's `WeightedMedianCalculator`.
 */
export function summariseWeighted(
  labels: Float64Array,
  weights: Float64Array,
  rows: Int32Array,
  start: number,
  end: number,
  out: NodeSummary,
): void {
  let total = 0;
  for (let i = start; i < end; i++) {
    total += weights[rows[i]!]!;
  }
  const tolerance = EQUAL_WEIGHTS_TOLERANCE * total;
  let at = start;
  let low = weights[rows[at]!]!;
  while (low < total / 2 - tolerance) {
    low += weights[rows[++at]!]!;
  }
  const median = labels[rows[at]!]!;
  const isBetween = low <= total / 2 + tolerance && at + 1 < end;
  const value = isBetween ? (median + labels[rows[at + 1]!]!) / 2 : median;
  let error = 0;
  for (let i = start; i < end; i++) {
    error += weights[rows[i]!]! * Math.abs(labels[rows[i]!]! - value);
  }
  out.size = end - start;
  out.weight = total;
  out.value = value;
  out.error = error;
}

/**
 * For every k: the weighted sums of absolute errors of a node's first k rows along a feature, and of its last k rows.
 *
 * Rows enter one by one. A weighted median may then move by many labels, so it is searched each time, in a Fenwick tree
 * of weights over the labels' ranks: O(rows log rows).
 *
 * @see Fenwick 1994, "A new data structure for cumulative frequency tables".
 */
export class WeightedMedian {
  /** Sum of absolute errors of the first k rows along the feature, at k. */
  readonly firstErrors: Float64Array;
  /** Sum of absolute errors of the last k rows, at k. */
  readonly lastErrors: Float64Array;
  readonly #weightOf: Float64Array;
  /** The node's labels relative to its median, and their weights, by rank from 1. */
  readonly #labels: Float64Array;
  readonly #weights: Float64Array;
  /** Fenwick trees over ranks: sums of weights, and of weighted labels. */
  readonly #weightSums: Float64Array;
  readonly #labelSums: Float64Array;
  #size = 0;

  /**
   * @param capacity - Rows of the largest node.
   * @param weights - Weight of each row of the training set.
   */
  constructor(capacity: number, weights: Float64Array) {
    this.firstErrors = new Float64Array(capacity + 1);
    this.lastErrors = new Float64Array(capacity + 1);
    this.#weightOf = weights;
    this.#labels = new Float64Array(capacity + 1);
    this.#weights = new Float64Array(capacity + 1);
    this.#weightSums = new Float64Array(capacity + 1);
    this.#labelSums = new Float64Array(capacity + 1);
  }

  /** Begin a node: `rows` holds its rows at `start` to `end - 1`, their labels ascending. */
  enter(labels: Float64Array, rows: Int32Array, start: number, end: number, median: number): void {
    this.#size = end - start;
    for (let i = start; i < end; i++) {
      this.#labels[i - start + 1] = labels[rows[i]!]! - median;
      this.#weights[i - start + 1] = this.#weightOf[rows[i]!]!;
    }
  }

  /**
   * Fill `firstErrors` and `lastErrors`.
   *
   * @param ranks - The ranks of the node's rows by label, from 1, in the order of the feature.
   */
  sumErrors(ranks: Int32Array): void {
    const size = this.#size;
    for (const errors of [this.firstErrors, this.lastErrors]) {
      this.#weightSums.fill(0, 0, size + 1);
      this.#labelSums.fill(0, 0, size + 1);
      let total = 0;
      let sum = 0;
      for (let k = 1; k < size; k++) {
        const rank = ranks[errors === this.firstErrors ? k - 1 : size - k]!;
        const weight = this.#weights[rank]!;
        const product = weight * this.#labels[rank]!;
        total += weight;
        sum += product;
        for (let at = rank; at <= size; at += at & -at) {
          this.#weightSums[at]! += weight;
          this.#labelSums[at]! += product;
        }
        errors[k] = this.#errorOf(total, sum);
      }
    }
  }

  /** Sum of the absolute errors of the rows that have entered, from their median. */
  #errorOf(total: number, sum: number): number {
    let below = 0;
    let belowSum = 0;
    let rank = 0;
    for (let step = 1 << (31 - Math.clz32(this.#size)); step > 0; step >>= 1) {
      const next = rank + step;
      if (next <= this.#size && below + this.#weightSums[next]! < total / 2) {
        rank = next;
        below += this.#weightSums[next]!;
        belowSum += this.#labelSums[next]!;
      }
    }
    // The median is the label of the next rank. Its own error is 0.
    const median = this.#labels[Math.min(rank + 1, this.#size)]!;
    return Math.max(0, median * below - belowSum + (sum - belowSum) - median * (total - below));
  }
}
