import type { GrowthLimits } from "./grow-trees.js";
import type { Prunings } from "./pruning-errors.js";
import type { TreeParams } from "./tree-params.js";

/** Points of one criterion: prunings of trees that are grown together. */
export interface PointGroup extends Omit<GrowthLimits, "leafSizes"> {
  /** By minSamplesLeaf, ascending. */
  readonly leaves: readonly LeafGroup[];
  /** Positions of the points in the grid, leaf size by leaf size. */
  readonly points: readonly number[];
}

/** Points that are prunings of one tree. */
interface LeafGroup extends Prunings {
  readonly minSamplesLeaf: number;
  /** For each of its points, where the error of its pruning is among those of the tree. */
  readonly prunings: readonly number[];
}

/** Group the points of a grid by what cannot be pruned: by criterion, and within it by minSamplesLeaf. */
export function groupPoints(points: readonly TreeParams[]): PointGroup[] {
  return [...groupBy(points.keys(), (point) => points[point]!.criterion)].map(([criterion, positions]) => {
    const bySize = [...groupBy(positions, (point) => points[point]!.minSamplesLeaf)].sort(
      ([a], [b]) => a - b,
    );
    return {
      criterion,
      maxDepth: Math.max(...positions.map((point) => depthOf(points[point]!))),
      minSamplesSplit: Math.min(...positions.map((point) => splitOf(points[point]!))),
      leaves: bySize.map(([minSamplesLeaf, members]) => groupLeaf(points, minSamplesLeaf, members)),
      points: bySize.flatMap(([, members]) => members),
    };
  });
}

function groupLeaf(
  points: readonly TreeParams[],
  minSamplesLeaf: number,
  positions: readonly number[],
): LeafGroup {
  const depths = [...new Set(positions.map((point) => depthOf(points[point]!)))];
  const splits = [...new Set(positions.map((point) => splitOf(points[point]!)))];
  const prunings = positions.map((point) => {
    const depth = depths.indexOf(depthOf(points[point]!));
    return depth * splits.length + splits.indexOf(splitOf(points[point]!));
  });
  return { minSamplesLeaf, depths, splits, prunings };
}

function groupBy<K>(positions: Iterable<number>, keyOf: (position: number) => K): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  for (const position of positions) {
    const key = keyOf(position);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [position]);
    else group.push(position);
  }
  return groups;
}

function depthOf({ maxDepth }: TreeParams): number {
  return maxDepth ?? Infinity;
}

/** Smaller nodes have no split that leaves enough rows on both sides: points that differ below this coincide. */
function splitOf({ minSamplesSplit, minSamplesLeaf }: TreeParams): number {
  return Math.max(minSamplesSplit, 2 * minSamplesLeaf);
}
