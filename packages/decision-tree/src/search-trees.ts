import { growTree } from "./grow-tree.js";
import type { Fold } from "./k-fold.js";
import { type Prunings, type Scoring, sumPruningErrors } from "./pruning-errors.js";
import { r2FromErrors, squaredDeviations } from "./r2-score.js";
import { type IndexedTrainingSet, sortTrainingSet, withoutRows } from "./training-set.js";
import type { TreeParams } from "./tree-params.js";
import type { Criterion } from "./tree.js";

/** What a search of trees works on. */
export interface TreeSearch {
  readonly features: readonly Float32Array[];
  readonly labels: Float64Array;
  readonly folds: readonly Fold[];
  readonly points: readonly TreeParams[];
  readonly scoring: Scoring;
}

/** Points that are prunings of one growth. */
interface Group extends Prunings {
  readonly criterion: Criterion;
  readonly minSamplesLeaf: number;
  /** Positions of the points, and where their pruning's error is among the group's. */
  readonly members: readonly { readonly point: number; readonly pruning: number }[];
}

/**
 * Score every point on every fold, growing one tree for all points with the same criterion and minSamplesLeaf.
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
  for (const group of groups) {
    const maxDepth = Math.max(...group.depths);
    const minSamplesSplit = Math.min(...group.splits);
    const { criterion, minSamplesLeaf, members } = group;
    const tree = growTree(set, { criterion, minSamplesLeaf, maxDepth, minSamplesSplit });
    const errors = sumPruningErrors(tree, features, labels, fold.test, group, scoring);
    for (const { point, pruning } of members) {
      const error = errors[pruning]!;
      scores[point] = scoring === "r2" ? r2FromErrors(error, deviations, rows) : -error / rows;
    }
    yield members.length;
  }
}

function groupPoints(points: readonly TreeParams[]): Group[] {
  const byGrowth = new Map<string, number[]>();
  points.forEach(({ criterion, minSamplesLeaf }, point) => {
    const key = `${criterion} ${minSamplesLeaf}`;
    const positions = byGrowth.get(key);
    if (positions === undefined) byGrowth.set(key, [point]);
    else positions.push(point);
  });
  return [...byGrowth.values()].map((positions) => {
    const { criterion, minSamplesLeaf } = points[positions[0]!]!;
    const depths = [...new Set(positions.map((point) => depthOf(points[point]!)))];
    const splits = [...new Set(positions.map((point) => points[point]!.minSamplesSplit))];
    const members = positions.map((point) => {
      const { minSamplesSplit } = points[point]!;
      const pruning =
        depths.indexOf(depthOf(points[point]!)) * splits.length + splits.indexOf(minSamplesSplit);
      return { point, pruning };
    });
    return { criterion, minSamplesLeaf, depths, splits, members };
  });
}

function depthOf({ maxDepth }: TreeParams): number {
  return maxDepth ?? Infinity;
}
