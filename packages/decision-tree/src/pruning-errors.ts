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
 * Pruned to (depth, split), the tree answers with the value of the first node on the row's path that is as deep as
 * `depth` or has fewer rows than `split`. See docs/one-growth-many-prunings.md.
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
  const squared = scoring === "r2";
  const errors = new Float64Array(depths.length * splits.length);
  const levels = depthOf(tree) + 1;
  const path = new Int32Array(levels);
  const errorAt = new Float64Array(levels);
  // No path is longer, and Infinity is no index.
  const limits = Int32Array.from(depths, (depth) => Math.min(depth, levels));
  for (const row of rows) {
    const last = walk(tree, features, row, path);
    const label = labels[row]!;
    for (let level = 0; level <= last; level++) {
      const error = label - tree.value[path[level]!]!;
      errorAt[level] = squared ? error * error : Math.abs(error);
    }
    for (let j = 0; j < splits.length; j++) {
      const split = splits[j]!;
      let stop = 0;
      while (stop < last && tree.count[path[stop]!]! >= split) stop++;
      for (let i = 0, at = j; i < limits.length; i++, at += splits.length) {
        errors[at]! += errorAt[Math.min(stop, limits[i]!)]!;
      }
    }
  }
  return errors;
}

/** Fill `path` with the nodes from the root to the row's leaf; returns the leaf's index in it, which is its depth. */
function walk(tree: Tree, features: readonly Float32Array[], row: number, path: Int32Array): number {
  const { feature, threshold, left, right } = tree;
  let node = 0;
  let depth = 0;
  path[0] = 0;
  for (let column = feature[0]!; column >= 0; column = feature[node]!) {
    node = features[column]![row]! <= threshold[node]! ? left[node]! : right[node]!;
    path[++depth] = node;
  }
  return depth;
}
