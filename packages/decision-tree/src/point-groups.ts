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
    const members = positions.map((point) => points[point]!);
    const bySize = [...groupBy(positions, (point) => points[point]!.minSamplesLeaf)].sort(
      ([a], [b]) => a - b,
    );
    return {
      criterion,
      maxDepth: members.reduce((most, point) => Math.max(most, depthOf(point)), 0),
      minSamplesSplit: members.reduce((least, point) => Math.min(least, splitOf(point)), Infinity),
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
  const depths = numberDistinct(positions.map((point) => depthOf(points[point]!)));
  const splits = numberDistinct(positions.map((point) => splitOf(points[point]!)));
  const prunings = positions.map((_, i) => depths.numbers[i]! * splits.values.length + splits.numbers[i]!);
  return { minSamplesLeaf, depths: depths.values, splits: splits.values, prunings };
}

/** The distinct ones of some values, and for each value the position of its like among them. */
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
