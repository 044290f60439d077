import { NodeRows } from "./node-rows.js";
import type { NodeSummary } from "./node-summary.js";
import { midpoint } from "./split.js";
import { AbsoluteErrorFinder, SquaredErrorFinder } from "./split-finder.js";
import type { TrainingSet } from "./training-set.js";
import { TreeBuilder } from "./tree-builder.js";
import type { Criterion, Tree } from "./tree.js";

/** When growth stops. */
export interface GrowthLimits {
  readonly criterion: Criterion;
  /** Infinity for no limit. */
  readonly maxDepth: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
}

/** scikit-learn's: a node whose mean error is no more than this is pure. */
const PURE = Number.EPSILON;

/**
 * Grow a tree greedily, depth first, left before right: O(features x rows) per level.
 *
 * @see Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression Trees", chapter 8.
 */
export function growTree(
  set: TrainingSet,
  { criterion, maxDepth, minSamplesSplit, minSamplesLeaf }: GrowthLimits,
): Tree {
  const rows = new NodeRows(set);
  const Finder = criterion === "squared_error" ? SquaredErrorFinder : AbsoluteErrorFinder;
  const finder = new Finder(set, rows, minSamplesLeaf);
  const builder = new TreeBuilder();
  const node: NodeSummary = { value: 0, error: 0 };
  const minSize = Math.max(minSamplesSplit, 2 * minSamplesLeaf);
  // Nodes still to grow, four numbers each: first row, row after the last, parent, depth.
  const pending = [0, set.labels.length, -1, 0];
  while (pending.length > 0) {
    const depth = pending.pop()!;
    const parent = pending.pop()!;
    const end = pending.pop()!;
    const start = pending.pop()!;
    const size = end - start;
    finder.summarise(start, end, node);
    const id = builder.addLeaf(parent, depth, size, node.value, node.error / size);
    if (depth >= maxDepth || size < minSize || node.error / size <= PURE) continue;
    const split = finder.find(start, end, node);
    if (split.feature < 0) continue;
    builder.split(id, split.feature, midpoint(split.lower, split.upper));
    const middle = start + split.left;
    const toLeaves = depth + 1 >= maxDepth || Math.max(split.left, size - split.left) < minSize;
    rows.divide(split, start, end, toLeaves);
    pending.push(middle, end, id, depth + 1, start, middle, id, depth + 1);
  }
  return builder.build(set.features.length);
}
