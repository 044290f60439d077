import { depthOf, type Tree } from "./tree.js";

/** How a search scores predictions; larger is better. */
export type Scoring = "r2" | "neg_mean_absolute_error";

/** The prunings of one tree: every pair of a depth and a smallest size to split. */
export interface Prunings {
  /** Greatest depths; Infinity for no limit. */
  readonly depths: readonly number[];
  /** Fewest rows of a node that is split. */
  readonly splits: readonly number[];
}

/**
 * The total error of every pruning of a tree on test rows, in one walk from the root for each row.
 *
 * The walk adds up what each node would err by, were it a leaf. A pruning errs by what its leaves do; of the tree
 * pruned to (depth, split), these are the nodes above `depth` where its paths end, for want of rows or of a split, and
 * the nodes at `depth` that its paths reach. See docs/one-growth-many-prunings.md.
 *
 * Prunings that are the same tree have the same sum to the last bit, so that a search sees that they are equal.
 *
 * @param features - All rows; `rows` says which of them are test rows.
 * @returns Sums of squared errors for r2, of absolute errors for neg_mean_absolute_error: that of `depths[i]` and
 *   `splits[j]` at `i * splits.length + j`.
 */
export function sumPruningErrors(
  tree: Tree,
  features: readonly Float32Array[],
  labels: Float64Array,
  rows: Int32Array,
  { depths, splits }: Prunings,
  scoring: Scoring,
): Float64Array {
  const errorOf = sumNodeErrors(tree, features, labels, rows, scoring);
  const levels = depthOf(tree) + 1;
  const { reached, endedAbove } = sumLevels(tree, errorOf, levels, splits);
  const errors = new Float64Array(depths.length * splits.length);
  for (let i = 0; i < depths.length; i++) {
    const depth = Math.min(depths[i]!, levels);
    for (let j = 0; j < splits.length; j++) {
      const at = depth * splits.length + j;
      errors[i * splits.length + j] = endedAbove[at]! + reached[at]!;
    }
  }
  return errors;
}

/**
 * Sums of the nodes' errors, for each depth and split, at `depth * splits.length + split`: those of all nodes at the
 * depth that are reached if nodes of fewer rows are not split, and those of the nodes less deep where paths end.
 */
function sumLevels(
  { left, right, count, depth }: Tree,
  errorOf: Float64Array,
  levels: number,
  splits: readonly number[],
): { reached: Float64Array; endedAbove: Float64Array } {
  const width = splits.length;
  const reached = new Float64Array((levels + 1) * width);
  const endedAbove = new Float64Array((levels + 1) * width);
  const parentCount = new Float64Array(count.length);
  // The root has no parent that too few rows could keep whole.
  parentCount[0] = Infinity;
  for (let node = 0; node < count.length; node++) {
    const isLeaf = left[node]! < 0;
    if (!isLeaf) parentCount[left[node]!] = parentCount[right[node]!] = count[node]!;
    const error = errorOf[node]!;
    if (error === 0) continue;
    const level = depth[node]! * width;
    for (let j = 0; j < width; j++) {
      const split = splits[j]!;
      if (parentCount[node]! < split) continue;
      reached[level + j]! += error;
      if (isLeaf || count[node]! < split) endedAbove[level + width + j]! += error;
    }
  }
  for (let i = width; i < endedAbove.length; i++) endedAbove[i]! += endedAbove[i - width]!;
  return { reached, endedAbove };
}

/** For each node, the total error of its value on the rows that pass it. */
function sumNodeErrors(
  { feature, threshold, left, right, value }: Tree,
  features: readonly Float32Array[],
  labels: Float64Array,
  rows: Int32Array,
  scoring: Scoring,
): Float64Array {
  const squared = scoring === "r2";
  const errorOf = new Float64Array(value.length);
  for (const row of rows) {
    const label = labels[row]!;
    for (let node = 0; ;) {
      const error = label - value[node]!;
      errorOf[node]! += squared ? error * error : Math.abs(error);
      const column = feature[node]!;
      if (column < 0) break;
      node = features[column]![row]! <= threshold[node]! ? left[node]! : right[node]!;
    }
  }
  return errorOf;
}
