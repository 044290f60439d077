import type { Tree } from "./tree.js";

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
 * pruned to (depth, split), these are the first nodes on their paths that are as deep as `depth`, or have fewer rows
 * than `split`, or are leaves anyway. See docs/one-growth-many-prunings.md.
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
  const errors = new Float64Array(depths.length * splits.length);
  const { left, right, count, depth } = tree;
  const parentCount = new Int32Array(count.length).fill(count[0]!);
  for (let node = 0; node < count.length; node++) {
    const isLeaf = left[node]! < 0;
    if (!isLeaf) parentCount[left[node]!] = parentCount[right[node]!] = count[node]!;
    if (errorOf[node] === 0) continue;
    for (let j = 0; j < splits.length; j++) {
      const split = splits[j]!;
      // Not even the parent is split; the root has none.
      if (node > 0 && parentCount[node]! < split) continue;
      const ends = isLeaf || count[node]! < split;
      for (let i = 0; i < depths.length; i++) {
        const isLeafOfPruning = ends ? depth[node]! <= depths[i]! : depth[node] === depths[i];
        if (isLeafOfPruning) errors[i * splits.length + j]! += errorOf[node]!;
      }
    }
  }
  return errors;
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
