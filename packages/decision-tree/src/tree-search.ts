import { mergeEqualRows } from "./cells.js";
import { adoptTree, DecisionTreeRegressor } from "./decision-tree-regressor.js";
import type { Fold } from "./folds.js";
import type { Scoring } from "./metrics.js";
import { groupPoints } from "./pruning.js";
import { runTasks } from "./search-task.js";
import type { DoneTask, SearchData, SearchTask } from "./search-task.js";
import { sortTrainingSet } from "./training-set.js";
import { hasShares, resolveSizes } from "./tree-params.js";
import type { TreeParams } from "./tree-params.js";

/** Estimated time above which two threads save more than the 0.5 s that they cost. See the README. */
const MIN_SECONDS_FOR_THREADS = 2;

/** Nanoseconds of growth per row, feature and level, measured at 10,000 to 1,000,000 rows. */
const GROWTH_NANOSECONDS = { squared_error: 6, absolute_error: 30 };

/** Share of a growth that each further leaf size adds. */
const LEAF_SIZE_SHARE = 1 / 16;

/** Input of a search over trees. */
export interface TreePoints {
  readonly features: readonly Float32Array[];
  readonly labels: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly folds: readonly Fold[];
  readonly points: readonly TreeParams[];
  readonly scoring: Scoring;
}

/** Runs tasks, in any order. It cleans up even if it is stopped early. */
type TaskExecutor = (
  data: SearchData,
  tasks: readonly SearchTask[],
  signal: AbortSignal | undefined,
) => AsyncIterable<DoneTask> | Iterable<DoneTask>;

/** Sort the data, group the points, and decide whether threads are worth their start. */
export async function openTreeSearch(
  { features, labels, weights, folds, points, scoring }: TreePoints,
  signal: AbortSignal | undefined,
): Promise<TreeSearch> {
  const all = sortTrainingSet(features, labels, weights);
  const shared = points.some(hasShares) ? undefined : groupPoints(points);
  const groups = folds.map(
    ({ train }) => shared ?? groupPoints(points.map((point) => resolveSizes(point, train.length))),
  );
  const data = { features, labels, folds, scoring, groups, all };
  // The threads are a separate module, which a small search does not load.
  const run =
    estimateSeconds(data) < MIN_SECONDS_FOR_THREADS
      ? runTasks
      : (await import("./search-threads.js")).runInThreads;
  return new TreeSearch(data, run, signal);
}

/** A search over trees. For each criterion, it grows one tree for each minSamplesLeaf, all together. */
class TreeSearch {
  readonly #data: SearchData;
  readonly #run: TaskExecutor;
  readonly #signal: AbortSignal | undefined;

  constructor(data: SearchData, run: TaskExecutor, signal: AbortSignal | undefined) {
    this.#data = data;
    this.#run = run;
    this.#signal = signal;
  }

  /**
   * Score every point on every fold. As a generator, it lets its caller report progress and stop between tasks.
   *
   * @param scores - Filled in: one column per fold, one element per point.
   * @yields The number of scores filled in so far.
   */
  async *score(scores: readonly Float64Array[]): AsyncGenerator<number> {
    const { folds, groups } = this.#data;
    const tasks = folds.flatMap((_, fold) =>
      groups[fold]!.map((__, group) => ({ kind: "score", fold, group }) as const),
    );
    let completed = 0;
    for await (const { task, answer } of this.#run(this.#data, tasks, this.#signal)) {
      if (task.kind !== "score" || answer.kind !== "scores") {
        continue;
      }
      const { points } = groups[task.fold]![task.group]!;
      for (let i = 0; i < points.length; i++) {
        scores[task.fold]![points[i]!] = answer.scores[i]!;
      }
      completed += points.length;
      yield completed;
    }
  }

  /** Fit a tree on all rows. */
  async fit<R>(best: R): Promise<R> {
    if (!(best instanceof DecisionTreeRegressor)) {
      throw new TypeError("a search of trees fits trees only");
    }
    const params = resolveSizes(best.params, this.#data.labels.length);
    const tasks = [{ kind: "grow", params }] as const;
    for await (const { answer } of this.#run(this.#data, tasks, this.#signal)) {
      if (answer.kind === "tree") {
        adoptTree(best, answer.tree);
      }
    }
    return best;
  }
}

/** Estimated seconds of a search in one thread. */
function estimateSeconds({ all: { set }, groups, folds }: SearchData): number {
  const nanoseconds = groups[0]!.map(({ criterion, maxDepth, leaves }) => {
    const { labels, features } = criterion === "squared_error" ? mergeEqualRows(set) : set;
    const levels = Math.min(maxDepth, Math.log2(labels.length));
    const sizes = 1 + LEAF_SIZE_SHARE * (leaves.length - 1);
    return GROWTH_NANOSECONDS[criterion] * labels.length * features.length * levels * sizes;
  });
  return (folds.length * nanoseconds.reduce((sum, cost) => sum + cost, 0)) / 1e9;
}
