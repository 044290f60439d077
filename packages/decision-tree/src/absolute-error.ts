import type { MovingMedian } from "./moving-median.js";
import type { NodeSummary } from "./node-summary.js";
import { isBoundary, type Split, TIE_TOLERANCE } from "./split.js";

/** Median, and sum of absolute errors, of the labels of rows that ascend by label from `start` to `end - 1`. */
export function summariseAbsoluteError(
  labels: Float64Array,
  rows: Int32Array,
  start: number,
  end: number,
  out: NodeSummary,
): void {
  const size = end - start;
  const middle = start + (size >> 1);
  const upper = labels[rows[middle]!]!;
  const median = size % 2 === 1 ? upper : (labels[rows[middle - 1]!]! + upper) / 2;
  let error = 0;
  for (let i = start; i < end; i++) error += Math.abs(labels[rows[i]!]! - median);
  out.size = size;
  out.value = median;
  out.error = error;
}

/**
 * Try every split of a node along a feature.
 *
 * @param values - The node's values of the feature, ascending, from index 0.
 * @param errors - Filled for this feature.
 * @param best - Improved in place; a split replaces it only when better by the tolerance, so the lowest threshold wins.
 */
export function splitByAbsoluteError(
  values: Float32Array,
  errors: MovingMedian,
  minLeaf: number,
  node: NodeSummary,
  feature: number,
  best: Split,
): void {
  const { firstErrors, lastErrors } = errors;
  const { size } = node;
  const tolerance = TIE_TOLERANCE * node.error;
  for (let left = minLeaf; left <= size - minLeaf; left++) {
    const gain = node.error - (firstErrors[left]! + lastErrors[size - left]!);
    if (gain > best.gain + tolerance && isBoundary(values[left - 1]!, values[left]!)) {
      best.lead = gain - best.gain;
      best.gain = gain;
      best.feature = feature;
      best.left = best.entries = left;
      best.lower = values[left - 1]!;
      best.upper = values[left]!;
    }
  }
}
