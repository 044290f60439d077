/**
 * For every k: the sums of absolute errors of a node's first k rows along a feature, and of its last k rows. All sums
 * together take O(rows).
 *
 * All rows begin in a list linked in the order of labels. They leave one by one, from the far end of the feature. The
 * median therefore moves by at most one link at a time, and never needs a search.
 */
export class MovingMedian {
  /** Sum of absolute errors of the first k rows along the feature, at k. */
  readonly firstErrors: Float64Array;
  /** Sum of absolute errors of the last k rows, at k. */
  readonly lastErrors: Float64Array;
  /** The node's labels relative to its median, by rank from 1. */
  readonly #labels: Float64Array;
  /** The list over ranks; 0 and the rank after the last are its ends. */
  readonly #previous: Int32Array;
  readonly #next: Int32Array;
  #size = 0;

  /** @param capacity - Rows of the largest node. */
  constructor(capacity: number) {
    this.firstErrors = new Float64Array(capacity + 1);
    this.lastErrors = new Float64Array(capacity + 1);
    this.#labels = new Float64Array(capacity + 1);
    this.#previous = new Int32Array(capacity + 2);
    this.#next = new Int32Array(capacity + 2);
  }

  /** Begin a node: `rows` holds its rows at `start` to `end - 1`, their labels ascending. */
  enter(labels: Float64Array, rows: Int32Array, start: number, end: number, median: number): void {
    this.#size = end - start;
    for (let i = start; i < end; i++) {
      this.#labels[i - start + 1] = labels[rows[i]!]! - median;
    }
  }

  /**
   * Fill `firstErrors` and `lastErrors`: link all rows, then remove them from the far end. `errors[k]` belongs to the k
   * rows that are left.
   *
   * @param ranks - The ranks of the node's rows by label, from 1, in the order of the feature.
   */
  sumErrors(ranks: Int32Array): void {
    const labels = this.#labels;
    const previous = this.#previous;
    const next = this.#next;
    const size = this.#size;
    // One function for both ends. With two calls, the compiler would inline and compile the loop twice.
    for (let step = -1; step <= 1; step += 2) {
      const errors = step < 0 ? this.firstErrors : this.lastErrors;
      let at = step < 0 ? size - 1 : 0;
      for (let rank = 0; rank <= size + 1; rank++) {
        previous[rank] = rank - 1;
        next[rank] = rank + 1;
      }
      // The rank of the median; the lower middle one for an even number of labels. Labels up to it are low, the others
      // high.
      let median = (size + 1) >> 1;
      let low = 0;
      let high = 0;
      for (let rank = 1; rank <= median; rank++) {
        low += labels[rank]!;
      }
      for (let rank = median + 1; rank <= size; rank++) {
        high += labels[rank]!;
      }
      for (let left = size; left > 1; left--) {
        const leaving = ranks[at]!;
        const label = labels[leaving]!;
        at += step;
        if (left % 2 === 0) {
          // Keep one low label more than high ones: if a low one leaves, the lowest high one becomes low.
          if (leaving > median) {
            high -= label;
          } else {
            median = next[median]!;
            const crossing = labels[median]!;
            low += crossing - label;
            high -= crossing;
          }
        } else if (leaving > median) {
          // Keep as many low labels as high ones: if a high one leaves, the highest low one becomes high.
          const crossing = labels[median]!;
          low -= crossing;
          high += crossing - label;
          median = previous[median]!;
        } else {
          low -= label;
          if (leaving === median) {
            median = previous[median]!;
          }
        }
        const before = previous[leaving]!;
        const after = next[leaving]!;
        next[before] = after;
        previous[after] = before;
        errors[left - 1] = high - low + (left % 2 === 0 ? labels[median]! : 0);
      }
    }
  }
}
