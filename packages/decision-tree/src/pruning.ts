import type { GrowthLimits } from "./growth.js";
import type { Scoring } from "./metrics.js";
import { treeDepth } from "./tree.js";
import type { Tree } from "./tree.js";
import type { TreeParams } from "./tree-params.js";

/** The prunings of one tree: every pair of a maximum depth and a minimum number of rows to split. */
interface Prunings {
  /** Maximum depths; Infinity for no limit. */
  readonly depths: readonly number[];
  /** Minimum rows of a node that is split. */
  readonly splits: readonly number[];
}

/** Points with the same criterion and minImpurityDecrease: prunings of trees that are grown together. */
export interface PointGroup extends Omit<GrowthLimits, "leafSizes"> {
  /** With a cost of leaves, the group has one point: the leaves that are cut depend on all other parameters. */
  readonly ccpAlpha: number;
  /** Points by minSamplesLeaf, ascending. */
  readonly leaves: readonly LeafGroup[];
  /** Positions of the points in the grid, leaf size by leaf size. */
  readonly points: readonly number[];
}

/** Points that are prunings of one tree. */
interface LeafGroup extends Prunings {
  readonly minSamplesLeaf: number;
  /** For each of its points, the index of its pruning's error in the result of `sumPruningErrors`. */
  readonly prunings: readonly number[];
}

/**
 * Group the points of a grid by the parameters that pruning cannot change: by criterion and minImpurityDecrease, then
 * by minSamplesLeaf.
 *
 * @param points - With minimum sizes in rows: see `resolveSizes`. The groups do not depend on these sizes.
 */
export function groupPoints(points: readonly TreeParams[]): PointGroup[] {
  const keyOf = (point: number) => {
    const { criterion, minImpurityDecrease, ccpAlpha } = points[point]!;
    return ccpAlpha > 0 ? `point ${point}` : `${criterion} ${minImpurityDecrease}`;
  };
  return [...groupBy(points.keys(), keyOf).values()].map((positions) => {
    const members = positions.map((point) => points[point]!);
    const { criterion, minImpurityDecrease, ccpAlpha } = members[0]!;
    const bySize = [...groupBy(positions, (point) => points[point]!.minSamplesLeaf)].sort(
      ([a], [b]) => a - b,
    );
    return {
      criterion,
      minImpurityDecrease,
      ccpAlpha,
      maxDepth: members.reduce((most, point) => Math.max(most, maxDepthOf(point)), 0),
      minSamplesSplit: members.reduce((least, point) => Math.min(least, minSplitOf(point)), Infinity),
      leaves: bySize.map(([minSamplesLeaf, ofSize]) => groupLeaf(points, minSamplesLeaf, ofSize)),
      points: bySize.flatMap(([, ofSize]) => ofSize),
    };
  });
}

function groupLeaf(
  points: readonly TreeParams[],
  minSamplesLeaf: number,
  positions: readonly number[],
): LeafGroup {
  const depths = numberDistinct(positions.map((point) => maxDepthOf(points[point]!)));
  const splits = numberDistinct(positions.map((point) => minSplitOf(points[point]!)));
  const prunings = positions.map((_, i) => depths.numbers[i]! * splits.values.length + splits.numbers[i]!);
  return { minSamplesLeaf, depths: depths.values, splits: splits.values, prunings };
}

/** The distinct values, and the index of each value among them. */
function numberDistinct(all: readonly number[]): { values: number[]; numbers: number[] } {
  const numberOf = new Map<number, number>();
  const numbers = all.map((value) => {
    const number = numberOf.get(value) ?? numberOf.size;
    numberOf.set(value, number);
    return number;
  });
  return { values: [...numberOf.keys()], numbers };
}

function groupBy<K>(positions: Iterable<number>, keyOf: (position: number) => K): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  for (const position of positions) {
    const key = keyOf(position);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [position]);
    } else {
      group.push(position);
    }
  }
  return groups;
}

function maxDepthOf({ maxDepth }: TreeParams): number {
  return maxDepth ?? Infinity;
}

/**
 * The smallest node that can be split. Smaller ones cannot leave enough rows on both sides, so lower values of
 * minSamplesSplit have the same effect.
 */
function minSplitOf({ minSamplesSplit, minSamplesLeaf }: TreeParams): number {
  return Math.max(minSamplesSplit, 2 * minSamplesLeaf);
}

/**
 * The total error of every pruning of a tree on test rows, in one walk from the root for each row.
 *
 * The walk adds up the error that each node would have as a leaf. The error of a pruning is the sum over its leaves.
 * The tree pruned to (depth, split) has two kinds of leaves: the nodes at `depth`, and the nodes above it where paths
 * end because no split is left or a node has too few rows. See docs/one-growth-many-prunings.md.
 *
 * Prunings that give the same tree have the same sum to the last bit, so that a search treats them as equal.
 *
 * @param features - All rows; `rows` holds the positions of the test rows.
 * @returns Sums of squared errors for r2, of absolute errors for neg_mean_absolute_error. The sum of `depths[i]` and
 *   `splits[j]` is at index `i * splits.length + j`.
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
  const levels = treeDepth(tree) + 1;
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
 * Sum the nodes' errors for each depth and split, if nodes with fewer rows than `split` are not split.
 *
 * `reached` sums the nodes at the depth that paths reach. `endedAbove` sums the nodes above it where paths end. Both
 * have the index `depth * splits.length + split`.
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
  // The root is always reached, because it has no parent.
  parentCount[0] = Infinity;
  for (let node = 0; node < count.length; node++) {
    const isLeaf = left[node]! < 0;
    if (!isLeaf) {
      parentCount[left[node]!] = parentCount[right[node]!] = count[node]!;
    }
    const error = errorOf[node]!;
    if (error === 0) {
      continue;
    }
    const level = depth[node]! * width;
    for (let j = 0; j < width; j++) {
      const split = splits[j]!;
      if (parentCount[node]! < split) {
        continue;
      }
      reached[level + j]! += error;
      if (isLeaf || count[node]! < split) {
        endedAbove[level + width + j]! += error;
      }
    }
  }
  for (let i = width; i < endedAbove.length; i++) {
    endedAbove[i]! += endedAbove[i - width]!;
  }
  return { reached, endedAbove };
}

/** For each node, the total error of its value on the rows that pass through it. */
function sumNodeErrors(
  { feature, threshold, left, right, value }: Tree,
  features: readonly Float32Array[],
  labels: Float64Array,
  rows: Int32Array,
  scoring: Scoring,
): Float64Array {
  const squared = scoring === "r2";
  const errorOf = new Float64Array(value.length);
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- V8 compiles the loop of an iterator more slowly
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const label = labels[row]!;
    for (let node = 0; ;) {
      const error = label - value[node]!;
      errorOf[node]! += squared ? error * error : Math.abs(error);
      const column = feature[node]!;
      if (column < 0) {
        break;
      }
      node = features[column]![row]! <= threshold[node]! ? left[node]! : right[node]!;
    }
  }
  return errorOf;
}
