import { setImmediate } from "node:timers/promises";
import { readExactFeatures, readFeatures, readLabels } from "./column.js";
import type { Column } from "./column.js";
import { DecisionTreeRegressor } from "./decision-tree-regressor.js";
import { KFold } from "./k-fold.js";
import type { Scoring } from "./metrics.js";
import { PointSearch } from "./point-search.js";
import { NotFittedError } from "./regressor.js";
import type { Regressor } from "./regressor.js";
import { openTreeSearch } from "./tree-search.js";

/** Values to try for each parameter. */
export type ParamGrid<P> = { readonly [K in keyof P]?: readonly P[K][] };

/** Progress of a search. */
export interface SearchProgress {
  /** Points scored so far, counted once per fold. */
  readonly completed: number;
  /** Points x folds. */
  readonly total: number;
}

/** Options of a search. */
export interface GridSearchOptions {
  /** Folds of neighbouring rows, without shuffling. Default 5. */
  readonly cv?: number | KFold;
  /** Default `"r2"`. */
  readonly scoring?: Scoring;
  /** Whether to fit the best point on all rows at the end. Default true. */
  readonly refit?: boolean;
  /** Called as the search proceeds. */
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Aborts the search, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Results of a search in columns: element i of each belongs to point i. */
export interface CvResults<P> {
  readonly params: readonly Partial<P>[];
  /** One column per fold. */
  readonly splitTestScores: readonly Float64Array[];
  readonly meanTestScore: Float64Array;
  /** Population standard deviation over the folds. */
  readonly stdTestScore: Float64Array;
  /** 1 for the best mean; equal means share the smaller rank; NaN ranks last. */
  readonly rankTestScore: Int32Array;
}

/** Maximum time that the search blocks the event loop before timers and signals get a turn. */
const TURN_MILLISECONDS = 20;

/**
 * Exhaustive search over a grid of parameters, after scikit-learn's `GridSearchCV`.
 *
 * For decision trees, one growth serves all points that differ only in maxDepth and minSamplesSplit, because these are
 * prunings of the same tree. See docs/one-growth-many-prunings.md. For other estimators, including subclasses of
 * DecisionTreeRegressor, each point is fitted.
 *
 * @example
 * ```ts
 * import { DecisionTreeRegressor, GridSearchCV } from "@ml-pipelines/decision-tree";
 *
 * const orders = Float64Array.from({ length: 50 }, (_, row) => (row * 7) % 50);
 * const hours = orders.map((placed) => (placed < 25 ? 1 : 3));
 * const search = new GridSearchCV(new DecisionTreeRegressor(), { maxDepth: [1, 2, 3] }, { cv: 5, scoring: "r2" });
 * await search.fit([orders], hours);
 * console.log(search.bestParams, search.bestScore.toFixed(3));
 * ```
 *
 * prints
 *
 * ```
 * { maxDepth: 1 } 0.821
 * ```
 */
export class GridSearchCV<R extends Regressor<R> = DecisionTreeRegressor> {
  readonly #estimator: R;
  readonly #points: readonly Partial<R["params"]>[];
  readonly #folds: KFold;
  readonly #scoring: Scoring;
  readonly #refit: boolean;
  readonly #options: Pick<GridSearchOptions, "onProgress" | "signal">;
  #results: CvResults<R["params"]> | undefined;
  #best: R | undefined;

  /**
   * @param estimator - Gives the parameters that the grid does not name.
   * @param paramGrid - Values to try, `{ maxDepth: [2, 3, null], ... }`. Points are ordered as in scikit-learn:
   *   names sorted, the last varying fastest.
   * @throws {RangeError} A parameter without values, with an unknown name, or with a value that is not allowed.
   */
  constructor(
    estimator: R,
    paramGrid: ParamGrid<R["params"]>,
    { cv = 5, scoring = "r2", refit = true, ...options }: GridSearchOptions = {},
  ) {
    this.#estimator = estimator;
    this.#points = listGridPoints(paramGrid);
    checkGridValues(estimator, paramGrid);
    this.#folds = cv instanceof Object ? cv : new KFold({ nSplits: cv });
    if (!["r2", "neg_mean_absolute_error"].includes(scoring)) {
      throw new RangeError(
        `scoring is ${JSON.stringify(scoring)}, expected "r2" or "neg_mean_absolute_error"`,
      );
    }
    this.#scoring = scoring;
    this.#refit = refit;
    this.#options = options;
  }

  /**
   * Score every point on every fold, then fit the best one on all rows.
   *
   * @param columns - Feature columns, shape (features, rows). Estimators other than trees get them in 64 bits.
   * @param y - Labels, one per row: finite numbers.
   * @throws {RangeError} Input that the estimator rejects, or fewer rows than folds.
   * @throws The signal's reason, once it has been aborted.
   */
  async fit(columns: readonly Column[], y: Column): Promise<this> {
    const labels = readLabels(y);
    const rows = labels.length;
    const folds = this.#folds.split(rows);
    const estimator = this.#estimator;
    const points = this.#points;
    const scores = folds.map(() => new Float64Array(points.length));
    const data = { labels, folds, scoring: this.#scoring };
    const search = isPlainTree(estimator)
      ? await openTreeSearch(
          {
            ...data,
            features: readFeatures(columns, rows),
            points: points.map((point) => ({ ...estimator.params, ...point })),
          },
          this.#options.signal,
        )
      : new PointSearch({
          ...data,
          features: readExactFeatures(columns, rows),
          candidates: points.map((point) => estimator.withParams(point)),
        });
    await this.#run(search.score(scores), points.length * folds.length);
    const results = summariseScores(points, scores);
    const best = estimator.withParams(points[results.rankTestScore.indexOf(1)]!);
    this.#best = this.#refit ? await search.fit(best) : undefined;
    this.#results = results;
    return this;
  }

  /** Scores of all points, in columns. @throws {NotFittedError} Before `fit`. */
  get cvResults(): CvResults<R["params"]> {
    if (this.#results === undefined) {
      throw new NotFittedError("GridSearchCV");
    }
    return this.#results;
  }

  /** Position of the best point: the first with the greatest mean score. */
  get bestIndex(): number {
    return this.cvResults.rankTestScore.indexOf(1);
  }

  /** The best point: the parameters that the grid names. */
  get bestParams(): Partial<R["params"]> {
    return this.cvResults.params[this.bestIndex]!;
  }

  /** The best point's mean score over the folds. */
  get bestScore(): number {
    return this.cvResults.meanTestScore[this.bestIndex]!;
  }

  /** The best point, fitted on all rows. @throws {NotFittedError} Before `fit`, or with `refit: false`. */
  get bestEstimator(): R {
    if (this.#best === undefined) {
      throw new NotFittedError("GridSearchCV with refit");
    }
    return this.#best;
  }

  /** Run the search, report progress, and yield to other work of the process after every turn. */
  async #run(scored: AsyncIterable<number> | Iterable<number>, total: number): Promise<void> {
    const { signal, onProgress } = this.#options;
    signal?.throwIfAborted();
    let turnEnds = performance.now() + TURN_MILLISECONDS;
    for await (const completed of scored) {
      onProgress?.({ completed, total });
      if (performance.now() >= turnEnds) {
        await setImmediate();
        turnEnds = performance.now() + TURN_MILLISECONDS;
      }
      signal?.throwIfAborted();
    }
  }
}

/** Whether the search may prune an estimator's trees. A subclass may fit and predict differently. */
function isPlainTree(estimator: object): estimator is DecisionTreeRegressor {
  return estimator.constructor === DecisionTreeRegressor;
}

/**
 * Every point of a grid, in scikit-learn's order: parameters sorted by name, the last one varying fastest.
 *
 * @throws {RangeError} A parameter has no values. A grid without parameters has one point, the estimator itself.
 */
function listGridPoints<P>(grid: ParamGrid<P>): Partial<P>[] {
  const names = keysOf(grid).sort();
  let points: Partial<P>[] = [{}];
  for (const name of names) {
    const values = grid[name];
    if (!(values instanceof Array) || values.length === 0) {
      throw new RangeError(`Parameter grid for parameter ${String(name)} needs a non-empty array of values`);
    }
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  }
  return points;
}

/**
 * Let an estimator check each value of a grid by itself, because there are far fewer values than points.
 *
 * @throws The error of `withParams` for a name or value that is not allowed.
 */
function checkGridValues<R extends Regressor<R>>(estimator: R, grid: ParamGrid<R["params"]>): void {
  for (const name of keysOf(grid)) {
    for (const value of grid[name] ?? []) {
      estimator.withParams({ [name]: value });
    }
  }
}

function keysOf<T extends object>(object: T): (keyof T)[] {
  const keys: (keyof T)[] = [];
  for (const key in object) {
    keys.push(key);
  }
  return keys;
}

/** Add means, deviations and ranks to the scores of each fold. */
export function summariseScores<P>(
  params: readonly Partial<P>[],
  splitTestScores: readonly Float64Array[],
): CvResults<P> {
  const meanTestScore = new Float64Array(params.length);
  const stdTestScore = new Float64Array(params.length);
  const folds = splitTestScores.length;
  for (let point = 0; point < params.length; point++) {
    let sum = 0;
    for (const scores of splitTestScores) {
      sum += scores[point]!;
    }
    const mean = sum / folds;
    let squares = 0;
    for (const scores of splitTestScores) {
      squares += (scores[point]! - mean) ** 2;
    }
    meanTestScore[point] = mean;
    stdTestScore[point] = Math.sqrt(squares / folds);
  }
  return { params, splitTestScores, meanTestScore, stdTestScore, rankTestScore: rankScores(meanTestScore) };
}

function rankScores(scores: Float64Array): Int32Array {
  const comparable = scores.map((score) => (Number.isNaN(score) ? -Infinity : score));
  const ascending = comparable.toSorted();
  const ranks = new Map<number, number>();
  // Use the last of several equal scores, which has the fewest scores above it.
  ascending.forEach((score, index) => ranks.set(score, ascending.length - index));
  return Int32Array.from(comparable, (score) => ranks.get(score)!);
}
