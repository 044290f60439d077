import { isBoundary, type Split, TIE_TOLERANCE } from "./split.js";

/** What a node's labels come to under a criterion. */
export interface NodeSummary {
  /** Mean or median. */
  value: number;
  /** Sum of squared, or absolute, errors from `value`; exactly 0 where all labels are equal. */
  error: number;
}

/**
 * Mean, and sum of squared errors, of labels `start` to `end - 1`, in one pass.
 *
 * Labels are taken relative to the first of them, so that a large common offset costs no precision
 * (Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance: shifted data").
 */
export function summariseSquaredError(
  labels: Float64Array,
  start: number,
  end: number,
  out: NodeSummary,
): void {
  const shift = labels[start]!;
  let sum = 0;
  let squares = 0;
  for (let i = start; i < end; i++) {
    const offset = labels[i]! - shift;
    sum += offset;
    squares += offset * offset;
  }
  const mean = sum / (end - start);
  out.value = shift + mean;
  out.error = Math.max(0, squares - sum * mean);
}

/**
 * Try every split of a node along one feature by squared error.
 *
 * With L the sum of the left labels relative to the node's mean, a split of n rows into n1 and n2 lessens the sum
 * of squared errors by n L^2 / (n1 n2) (Breiman et al. 1984, "Classification and Regression Trees", section 8.4).
 *
 * @param values - The feature, ascending from `start` to `end - 1`.
 * @param labels - The labels of the same rows.
 * @param best - Improved in place; a split replaces it only when better by the tolerance, so the lowest threshold wins.
 */
export function findSquaredErrorSplit(
  values: Float32Array,
  labels: Float64Array,
  start: number,
  end: number,
  minLeaf: number,
  node: NodeSummary,
  feature: number,
  best: Split,
): void {
  const mean = node.value;
  const size = end - start;
  const tolerance = (TIE_TOLERANCE * node.error) / size;
  const first = start + minLeaf;
  const last = end - minLeaf;
  let sum = 0;
  let gain = best.gain / size;
  let position = -1;
  for (let i = start; i < first; i++) sum += labels[i]! - mean;
  for (let i = first; i <= last; i++) {
    if (isBoundary(values[i - 1]!, values[i]!)) {
      const candidate = (sum * sum) / ((i - start) * (end - i));
      if (candidate > gain + tolerance) {
        gain = candidate;
        position = i;
      }
    }
    sum += labels[i]! - mean;
  }
  if (position < 0) return;
  best.gain = gain * size;
  best.feature = feature;
  best.position = position;
}
