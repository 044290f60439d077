import { pruneByCost } from "./cost-complexity.js";
import type { Fold } from "./folds.js";
import { growTree, growTrees } from "./growth.js";
import { r2FromErrors, squaredDeviations } from "./metrics.js";
import type { Scoring } from "./metrics.js";
import { sumPruningErrors } from "./pruning.js";
import type { PointGroup } from "./pruning.js";
import { positiveRows, selectRows } from "./training-set.js";
import type { IndexedTrainingSet, TrainingSet } from "./training-set.js";
import type { Tree } from "./tree.js";
import type { TreeParams } from "./tree-params.js";

/** Input of the tasks of a search of trees: plain data and typed arrays only, so that threads can share it. */
export interface SearchData {
  /** Features by column, in the given row order. */
  readonly features: readonly Float32Array[];
  /** Labels in the given row order. */
  readonly labels: Float64Array;
  readonly folds: readonly Fold[];
  readonly scoring: Scoring;
  /** The groups of points, by fold. They differ between folds if a minimum size is a share of the rows. */
  readonly groups: readonly (readonly PointGroup[])[];
  /** The same data, sorted. */
  readonly all: IndexedTrainingSet;
}

/** An independent part of a search: score the points of a group on a fold, or grow one tree on all rows. */
export type SearchTask =
  | { readonly kind: "score"; readonly fold: number; readonly group: number }
  | { readonly kind: "grow"; readonly params: TreeParams };

/** The result of a task: a score for each point of the group, leaf size by leaf size; or the tree. */
export type SearchAnswer =
  { readonly kind: "scores"; readonly scores: Float64Array } | { readonly kind: "tree"; readonly tree: Tree };

/** A finished task with its result. */
export interface DoneTask {
  readonly task: SearchTask;
  readonly answer: SearchAnswer;
}

/** Run the tasks in this thread, one at each turn of the caller. */
export function* runTasks(data: SearchData, tasks: readonly SearchTask[]): Generator<DoneTask> {
  const runner = new TaskRunner(data);
  for (const task of tasks) {
    yield { task, answer: runner.run(task) };
  }
}

/** Runs the tasks of a search one after the other. Tasks of the same fold share its training rows. */
export class TaskRunner {
  readonly #data: SearchData;
  #fold: number | undefined;
  #set: TrainingSet;

  constructor(data: SearchData) {
    this.#data = data;
    this.#set = data.all.set;
  }

  run(task: SearchTask): SearchAnswer {
    return task.kind === "score"
      ? { kind: "scores", scores: this.#score(task.fold, task.group) }
      : { kind: "tree", tree: growTree(positiveRows(this.#data.all), task.params) };
  }

  /** Grow one tree for each minSamplesLeaf of the group, all together, and score all their prunings. */
  #score(fold: number, group: number): Float64Array {
    const { features, labels, folds, scoring, groups, all } = this.#data;
    const { train, test: rows } = folds[fold]!;
    if (fold !== this.#fold) {
      this.#set = selectRows(all, train);
    }
    this.#fold = fold;
    const { leaves, points, ccpAlpha, ...limits } = groups[fold]![group]!;
    const leafSizes = leaves.map((leaf) => leaf.minSamplesLeaf);
    const trees = growTrees(this.#set, { ...limits, leafSizes }).map((tree) => pruneByCost(tree, ccpAlpha));
    const deviations = squaredDeviations(Float64Array.from(rows, (row) => labels[row]!));
    const toScore = (error: number) =>
      scoring === "r2" ? r2FromErrors(error, deviations, rows.length) : -error / rows.length;
    const scores = new Float64Array(points.length);
    let start = 0;
    for (const [index, leaf] of leaves.entries()) {
      const errors = sumPruningErrors(trees[index]!, features, labels, rows, leaf, scoring);
      fillScores(scores, start, errors.map(toScore), leaf.prunings);
      start += leaf.prunings.length;
    }
    return scores;
  }
}

/**
 * A separate function, because this loop runs for all points. V8 then compiles it alone, without the code around it.
 */
function fillScores(
  scores: Float64Array,
  start: number,
  scoreOf: Float64Array,
  prunings: readonly number[],
): void {
  for (let i = 0; i < prunings.length; i++) {
    scores[start + i] = scoreOf[prunings[i]!]!;
  }
}
