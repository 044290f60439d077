import { isBoundary, type Split, TIE_TOLERANCE } from "./split.js";
import type { NodeSummary } from "./squared-error.js";

/** Median, and sum of absolute errors, of labels that ascend from `start` to `end - 1`. */
export function summariseAbsoluteError(
  sorted: Float64Array,
  start: number,
  end: number,
  out: NodeSummary,
): void {
  const size = end - start;
  const middle = start + (size >> 1);
  const median = size % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  let error = 0;
  for (let i = start; i < end; i++) error += Math.abs(sorted[i]! - median);
  out.value = median;
  out.error = error;
}

/** The arrays that the moving median needs, for nodes of up to `capacity` rows. */
export class MedianWorkspace {
  /** Rank of a row among its node's labels, from 1, by row. */
  readonly rank: Int32Array;
  /** The labels still in, as a list linked over ranks. */
  readonly previous: Int32Array;
  readonly next: Int32Array;
  /** Sum of absolute errors of the first, and of the last, k rows along a feature. */
  readonly firstErrors: Float64Array;
  readonly lastErrors: Float64Array;

  constructor(capacity: number) {
    this.rank = new Int32Array(capacity);
    this.previous = new Int32Array(capacity + 2);
    this.next = new Int32Array(capacity + 2);
    this.firstErrors = new Float64Array(capacity + 1);
    this.lastErrors = new Float64Array(capacity + 1);
  }

  /** Rank the rows of a node; `byLabel` holds them from `start` to `end - 1`, their labels ascending. */
  enter(byLabel: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.rank[byLabel[i]!] = i - start + 1;
  }
}

/**
 * Try every split of a node along one feature by absolute error, in O(rows).
 *
 * @param values - The feature, ascending from `start` to `end - 1`.
 * @param rows - The rows that hold those values.
 * @param sorted - The node's labels in ascending order, from `start` to `end - 1`.
 * @param best - Improved in place; a split replaces it only when better by the tolerance, so the lowest threshold wins.
 */
export function findAbsoluteErrorSplit(
  values: Float32Array,
  rows: Int32Array,
  sorted: Float64Array,
  start: number,
  end: number,
  minLeaf: number,
  node: NodeSummary,
  workspace: MedianWorkspace,
  feature: number,
  best: Split,
): void {
  const { firstErrors, lastErrors } = workspace;
  sumErrors(rows, sorted, start, end, false, workspace, node.value, firstErrors);
  sumErrors(rows, sorted, start, end, true, workspace, node.value, lastErrors);
  const tolerance = TIE_TOLERANCE * node.error;
  for (let i = start + minLeaf; i <= end - minLeaf; i++) {
    if (!isBoundary(values[i - 1]!, values[i]!)) continue;
    const gain = node.error - (firstErrors[i - start]! + lastErrors[end - i]!);
    if (gain > best.gain + tolerance) {
      best.gain = gain;
      best.feature = feature;
      best.position = i;
    }
  }
}

/**
 * The sum of absolute errors of the first k rows along a feature, for every k (of the last k rows, if `fromStart`).
 *
 * All rows begin in a list linked in the order of labels. They leave one by one, from the far end of the feature,
 * so the median moves by at most one link a time and never needs a search.
 */
function sumErrors(
  rows: Int32Array,
  sorted: Float64Array,
  start: number,
  end: number,
  fromStart: boolean,
  workspace: MedianWorkspace,
  shift: number,
  errors: Float64Array,
): void {
  const { rank, previous, next } = workspace;
  const size = end - start;
  for (let i = 0; i <= size + 1; i++) {
    previous[i] = i - 1;
    next[i] = i + 1;
  }
  // The median's rank: of an even number of labels, the lower middle one. Labels up to it are "low", the rest "high".
  let median = (size + 1) >> 1;
  let low = 0;
  let high = 0;
  for (let i = 1; i <= median; i++) low += sorted[start + i - 1]! - shift;
  for (let i = median + 1; i <= size; i++) high += sorted[start + i - 1]! - shift;
  for (let left = size; left > 1; left--) {
    const leaving = rank[rows[fromStart ? end - left : start + left - 1]!]!;
    const label = sorted[start + leaving - 1]! - shift;
    const odd = left % 2 === 1;
    if (leaving > median) {
      high -= label;
      if (odd) {
        const crossing = sorted[start + median - 1]! - shift;
        low -= crossing;
        high += crossing;
        median = previous[median]!;
      }
    } else {
      low -= label;
      if (odd) {
        if (leaving === median) median = previous[median]!;
      } else {
        median = next[median]!;
        const crossing = sorted[start + median - 1]! - shift;
        high -= crossing;
        low += crossing;
      }
    }
    const before = previous[leaving]!;
    const after = next[leaving]!;
    next[before] = after;
    previous[after] = before;
    const middle = left % 2 === 0 ? sorted[start + median - 1]! - shift : 0;
    errors[left - 1] = high - low + middle;
  }
}
