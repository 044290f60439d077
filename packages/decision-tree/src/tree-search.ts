import { collapse } from "./collapse.js";
import { adoptTree, DecisionTreeRegressor } from "./decision-tree-regressor.js";
import type { Fold } from "./k-fold.js";
import { groupPoints } from "./point-groups.js";
import type { Scoring } from "./pruning-errors.js";
import { type DoneTask, runTasks, type SearchData, type SearchTask } from "./search-task.js";
import { sortTrainingSet } from "./training-set.js";
import type { TreeParams } from "./tree-params.js";

/** Estimated seconds from which on two threads should save more time than the half second that they cost: see the README. */
const LARGE = 2;

/** What a search of trees is asked for. */
export interface TreePoints {
  readonly features: readonly Float32Array[];
  readonly labels: Float64Array;
  readonly folds: readonly Fold[];
  readonly points: readonly TreeParams[];
  readonly scoring: Scoring;
}

/** Does tasks, in any order. Ended early, it leaves nothing behind. */
type RunTasks = (
  data: SearchData,
  tasks: readonly SearchTask[],
  signal: AbortSignal | undefined,
) => AsyncIterable<DoneTask> | Iterable<DoneTask>;

/** Sort the data, group the points, and decide whether threads are worth their start. */
export async function openTreeSearch(
  { features, labels, folds, points, scoring }: TreePoints,
  signal: AbortSignal | undefined,
): Promise<TreeSearch> {
  const all = sortTrainingSet(features, labels);
  const testRows = folds.map(({ test }) => test);
  const data = { features, labels, testRows, scoring, groups: groupPoints(points), all };
  // The threads are another module, which a small search does not wait for.
  const run = estimateSeconds(data) < LARGE ? runTasks : (await import("./run-in-threads.js")).runInThreads;
  return new TreeSearch(data, run, signal);
}

/** A search of trees, which grows together, for each criterion, one tree for each minSamplesLeaf. */
class TreeSearch {
  readonly #data: SearchData;
  readonly #run: RunTasks;
  readonly #signal: AbortSignal | undefined;

  constructor(data: SearchData, run: RunTasks, signal: AbortSignal | undefined) {
    this.#data = data;
    this.#run = run;
    this.#signal = signal;
  }

  /**
   * Score every point on every fold. A generator, so that its caller can report progress and stop between tasks.
   *
   * @param scores - Filled in: one column per fold, one element per point.
   * @yields The number of scores filled in so far.
   */
  async *score(scores: readonly Float64Array[]): AsyncGenerator<number> {
    const { testRows, groups } = this.#data;
    const tasks = testRows.flatMap((_, fold) =>
      groups.map((__, group) => ({ kind: "score", fold, group }) as const),
    );
    let completed = 0;
    for await (const { task, answer } of this.#run(this.#data, tasks, this.#signal)) {
      if (task.kind !== "score" || answer.kind !== "scores") continue;
      const { points } = groups[task.group]!;
      for (let i = 0; i < points.length; i++) scores[task.fold]![points[i]!] = answer.scores[i]!;
      completed += points.length;
      yield completed;
    }
  }

  /** Fit a tree on all rows. */
  async fit<R>(best: R): Promise<R> {
    if (!(best instanceof DecisionTreeRegressor)) throw new TypeError("a search of trees fits trees only");
    const tasks = [{ kind: "grow", params: best.params }] as const;
    for await (const { answer } of this.#run(this.#data, tasks, this.#signal)) {
      if (answer.kind === "tree") adoptTree(best, answer.tree);
    }
    return best;
  }
}

/** Nanoseconds that growth takes for each row, feature and level: measured at 10,000 to 1,000,000 rows. */
const COST = { squared_error: 6, absolute_error: 30 };

/** What each further leaf size adds to a growth. */
const COST_OF_LEAF_SIZE = 1 / 16;

/** About how many seconds of one thread a search will take. */
function estimateSeconds({ all: { set }, groups, testRows }: SearchData): number {
  const nanoseconds = groups.map(({ criterion, maxDepth, leaves }) => {
    const { labels, features } = criterion === "squared_error" ? collapse(set) : set;
    const levels = Math.min(maxDepth, Math.log2(labels.length));
    const sizes = 1 + COST_OF_LEAF_SIZE * (leaves.length - 1);
    return COST[criterion] * labels.length * features.length * levels * sizes;
  });
  return (testRows.length * nanoseconds.reduce((sum, cost) => sum + cost, 0)) / 1e9;
}
