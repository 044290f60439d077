import { AbsoluteErrorFinder } from "./absolute-error.js";
import { mergeEqualRows } from "./cells.js";
import { pruneByCost } from "./cost-complexity.js";
import { NodeRows } from "./node-rows.js";
import { isClear, midpoint } from "./split.js";
import type { NodeSummary, Split } from "./split.js";
import { SquaredErrorFinder } from "./squared-error.js";
import { sortCodedFeatures } from "./training-set.js";
import type { TrainingSet } from "./training-set.js";
import { TreeBuilder } from "./tree.js";
import type { Tree } from "./tree.js";
import type { Criterion, TreeParams } from "./tree-params.js";

/** Limits of growth. */
export interface GrowthLimits {
  readonly criterion: Criterion;
  /** Infinity for no limit. */
  readonly maxDepth: number;
  readonly minSamplesSplit: number;
  readonly minImpurityDecrease: number;
  /** `minSamplesLeaf` of each tree, ascending. */
  readonly leafSizes: readonly number[];
}

/** A node that is still to be grown, in the trees `first` to `last - 1`. It holds the same rows in all of them. */
interface PendingNode {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly first: number;
  readonly last: number;
  /** The node's original rows, if trees before `first` have already divided them by another split. */
  readonly saved: readonly Int32Array[] | undefined;
}

/** scikit-learn's limit: a node with at most this mean error is pure. */
const MAX_PURE_IMPURITY = Number.EPSILON;

/** Maximum number of nodes allocated in advance for each tree. Larger trees reallocate. */
const MAX_INITIAL_NODES = 4096;

/**
 * Grow one tree, and prune it by `ccpAlpha`.
 *
 * @param params - With minimum sizes in rows: see `resolveSizes`.
 */
export function growTree(
  set: TrainingSet,
  { maxDepth, minSamplesLeaf, ccpAlpha, ...limits }: TreeParams,
): Tree {
  const [tree] = growTrees(set, { ...limits, maxDepth: maxDepth ?? Infinity, leafSizes: [minSamplesLeaf] });
  return pruneByCost(tree!, ccpAlpha);
}

/**
 * Grow a tree for each leaf size, greedily, depth first, left before right: O(features x rows) per level.
 *
 * The trees are grown together. If several split a node alike, the split is searched only once. Near their roots they
 * mostly do. See docs/one-growth-many-prunings.md.
 *
 * @see Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression Trees", chapter 8.
 */
export function growTrees(
  set: TrainingSet,
  { criterion, maxDepth, minSamplesSplit, minImpurityDecrease, leafSizes }: GrowthLimits,
): Tree[] {
  const absolute = criterion === "absolute_error";
  const data = absolute ? sortCodedFeatures(set) : mergeEqualRows(set);
  const rows = new NodeRows(data, absolute);
  const finder = new (absolute ? AbsoluteErrorFinder : SquaredErrorFinder)(data, rows);
  const builders = leafSizes.map(
    (leafSize) => new TreeBuilder(Math.min(MAX_INITIAL_NODES, 2 * Math.floor(set.labels.length / leafSize))),
  );
  const node: NodeSummary = { size: 0, weight: 0, value: 0, error: 0 };
  let minGain = -Infinity;
  const root = { start: 0, end: data.labels.length, depth: 0, first: 0, last: leafSizes.length };
  const pending: PendingNode[] = [{ ...root, saved: undefined }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { start, end, depth, first, saved } = next;
    if (saved !== undefined) {
      rows.restore(saved, start);
    }
    finder.summarise(start, end, node);
    const { size, weight, value, error } = node;
    const impurity = error / weight;
    if (depth === 0 && minImpurityDecrease > 0) {
      minGain = (minImpurityDecrease - Number.EPSILON) * weight;
    }
    if (saved === undefined) {
      for (let tree = first; tree < next.last; tree++) {
        builders[tree]!.addLeaf(depth, size, weight, value, impurity);
      }
    }
    const minSize = Math.max(minSamplesSplit, 2 * leafSizes[first]!);
    if (depth >= maxDepth || size < minSize || impurity <= MAX_PURE_IMPURITY) {
      continue;
    }
    const split = finder.find(start, end, node, leafSizes[first]!);
    if (split.feature < 0) {
      continue;
    }
    const last = lastToShare(split, node, leafSizes, next);
    if (last < next.last && size >= 2 * leafSizes[last]!) {
      pending.push({ start, end, depth, first: last, last: next.last, saved: rows.save(start, end) });
    }
    if (split.gain < minGain) {
      continue;
    }
    const threshold = midpoint(split.lower, split.upper);
    for (let tree = first; tree < last; tree++) {
      builders[tree]!.split(depth, split.feature, threshold);
    }
    const toLeaves = depth + 1 >= maxDepth || Math.max(split.left, size - split.left) < minSize;
    const middle = rows.divide(split, start, end, toLeaves);
    const child = { depth: depth + 1, first, last, saved: undefined };
    pending.push({ start: middle, end, ...child }, { start, end: middle, ...child });
  }
  return builders.map((builder) => builder.build(set.features.length));
}

/**
 * The first of the node's trees that may split it differently from the tree `first`, whose split was found. A later
 * tree has fewer splits to choose from. If it still allows the split, it chooses the same one.
 */
function lastToShare(
  split: Split,
  node: NodeSummary,
  leafSizes: readonly number[],
  { first, last }: PendingNode,
): number {
  if (!isClear(split, node)) {
    return first + 1;
  }
  const smallerSide = Math.min(split.left, node.size - split.left);
  let tree = first + 1;
  while (tree < last && leafSizes[tree]! <= smallerSide) {
    tree++;
  }
  return tree;
}
