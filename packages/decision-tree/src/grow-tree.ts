import { midpoint } from "./split.js";
import { SplitFinder } from "./split-finder.js";
import type { NodeSummary } from "./squared-error.js";
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
export function growTree(set: TrainingSet, limits: GrowthLimits): Tree {
  const finder = new SplitFinder(set, limits.criterion, limits.minSamplesLeaf);
  const builder = new TreeBuilder();
  const node: NodeSummary = { value: 0, error: 0 };
  const minSize = Math.max(limits.minSamplesSplit, 2 * limits.minSamplesLeaf);
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
    if (depth >= limits.maxDepth || size < minSize || node.error / size <= PURE) continue;
    const { feature, position } = finder.find(start, end, node);
    if (feature < 0) continue;
    const { values } = finder.columns.features[feature]!;
    builder.split(id, feature, midpoint(values[position - 1]!, values[position]!));
    finder.columns.divide(feature, start, position, end);
    pending.push(position, end, id, depth + 1, start, position, id, depth + 1);
  }
  return builder.build(set.features.length);
}
