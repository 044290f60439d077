import { AbsoluteErrorFinder } from "./absolute-error-finder.js";
import { collapse } from "./collapse.js";
import { NodeRows } from "./node-rows.js";
import type { NodeSummary } from "./node-summary.js";
import { sortCodedFeatures } from "./sort-coded-features.js";
import { midpoint } from "./split.js";
import { SquaredErrorFinder } from "./squared-error-finder.js";
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

/** Nodes that room is made for at once; a larger tree grows into more. */
const MOST_EXPECTED = 4096;

/**
 * Grow a tree greedily, depth first, left before right: O(features x rows) per level.
 *
 * @see Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression Trees", chapter 8.
 */
export function growTree(
  set: TrainingSet,
  { criterion, maxDepth, minSamplesSplit, minSamplesLeaf }: GrowthLimits,
): Tree {
  const absolute = criterion === "absolute_error";
  const data = absolute ? sortCodedFeatures(set) : collapse(set);
  const rows = new NodeRows(data, absolute);
  const finder = new (absolute ? AbsoluteErrorFinder : SquaredErrorFinder)(data, rows, minSamplesLeaf);
  const builder = new TreeBuilder(
    Math.min(MOST_EXPECTED, 2 * Math.floor(set.labels.length / minSamplesLeaf)),
  );
  const node: NodeSummary = { size: 0, value: 0, error: 0 };
  const minSize = Math.max(minSamplesSplit, 2 * minSamplesLeaf);
  // Nodes still to grow, four numbers each: first row, row after the last, parent, depth.
  const pending = [0, data.labels.length, -1, 0];
  while (pending.length > 0) {
    const depth = pending.pop()!;
    const parent = pending.pop()!;
    const end = pending.pop()!;
    const start = pending.pop()!;
    finder.summarise(start, end, node);
    const { size, value, error } = node;
    const id = builder.addLeaf(parent, depth, size, value, error / size);
    if (depth >= maxDepth || size < minSize || error / size <= PURE) continue;
    const split = finder.find(start, end, node);
    if (split.feature < 0) continue;
    builder.split(id, split.feature, midpoint(split.lower, split.upper));
    const toLeaves = depth + 1 >= maxDepth || Math.max(split.left, size - split.left) < minSize;
    const middle = rows.divide(split, start, end, toLeaves);
    pending.push(middle, end, id, depth + 1, start, middle, id, depth + 1);
  }
  return builder.build(set.features.length);
}
