import { type GrowthLimits, growTrees } from "./grow-trees.js";
import type { Fold } from "./k-fold.js";
import { type Prunings, type Scoring, sumPruningErrors } from "./pruning-errors.js";
import { r2FromErrors, squaredDeviations } from "./r2-score.js";
import { type IndexedTrainingSet, sortTrainingSet, withoutRows } from "./training-set.js";
import type { TreeParams } from "./tree-params.js";

/** What a search of trees works on. */
export interface TreeSearch {
  readonly features: readonly Float32Array[];
  readonly labels: Float64Array;
  readonly folds: readonly Fold[];
  readonly points: readonly TreeParams[];
  readonly scoring: Scoring;
}

/** Points of one criterion: prunings of trees that are grown together. */
interface Group extends Omit<GrowthLimits, "leafSizes"> {
  readonly leaves: readonly LeafGroup[];
}

/** Points that are prunings of one tree. */
interface LeafGroup extends Prunings {
  readonly minSamplesLeaf: number;
  /** Positions of the points. */
  readonly points: readonly number[];
  /** Where the error of each point's pruning is among the group's. */
  readonly prunings: readonly number[];
}

/**
 * Score every point on every fold, growing together, for each criterion, one tree for each minSamplesLeaf.
 *
 * A generator, so that its caller can report progress and stop between growths.
 *
 * @param scores - Filled in: one column per fold, one element per point.
 * @yields The number of scores filled in so far.
 */
export function* searchTrees(search: TreeSearch, scores: readonly Float64Array[]): Generator<number> {
  const groups = groupPoints(search.points);
  const all = sortTrainingSet(search.features, search.labels);
  let completed = 0;
  for (const [index, fold] of search.folds.entries()) {
    for (const scored of searchFold(search, all, fold, groups, scores[index]!)) {
      completed += scored;
      yield completed;
    }
  }
}

function* searchFold(
  { features, labels, scoring }: TreeSearch,
  all: IndexedTrainingSet,
  fold: Fold,
  groups: readonly Group[],
  scores: Float64Array,
): Generator<number> {
  const set = withoutRows(all, fold.test);
  const deviations = squaredDeviations(Float64Array.from(fold.test, (row) => labels[row]!));
  const rows = fold.test.length;
  const toScore = (error: number) =>
    scoring === "r2" ? r2FromErrors(error, deviations, rows) : -error / rows;
  for (const { leaves, ...limits } of groups) {
    const trees = growTrees(set, { ...limits, leafSizes: leaves.map((group) => group.minSamplesLeaf) });
    for (const [index, group] of leaves.entries()) {
      const errors = sumPruningErrors(trees[index]!, features, labels, fold.test, group, scoring);
      fillScores(group, errors.map(toScore), scores);
      yield group.points.length;
    }
  }
}

function fillScores({ points, prunings }: LeafGroup, scoreOf: Float64Array, scores: Float64Array): void {
  for (let i = 0; i < points.length; i++) scores[points[i]!] = scoreOf[prunings[i]!]!;
}

function groupPoints(points: readonly TreeParams[]): Group[] {
  return [...groupBy(points.keys(), (point) => points[point]!.criterion)].map(([criterion, positions]) => ({
    criterion,
    maxDepth: Math.max(...positions.map((point) => depthOf(points[point]!))),
    minSamplesSplit: Math.min(...positions.map((point) => splitOf(points[point]!))),
    leaves: [...groupBy(positions, (point) => points[point]!.minSamplesLeaf)]
      .sort(([a], [b]) => a - b)
      .map(([minSamplesLeaf, members]) => groupLeaf(points, minSamplesLeaf, members)),
  }));
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
  return { minSamplesLeaf, depths, splits, points: positions, prunings };
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
