import { setImmediate } from "node:timers/promises";
import { type Column, readExactFeatures, readFeatures, readLabels } from "./column.js";
import { type CvResults, summariseScores } from "./cv-results.js";
import { DecisionTreeRegressor } from "./decision-tree-regressor.js";
import { KFold } from "./k-fold.js";
import { NotFittedError } from "./not-fitted-error.js";
import { checkGridValues, listGridPoints, type ParamGrid } from "./param-grid.js";
import type { Scoring } from "./pruning-errors.js";
import type { Regressor } from "./regressor.js";
import { PointSearch } from "./point-search.js";
import { openTreeSearch } from "./tree-search.js";

/** How far a search is. */
export interface SearchProgress {
  /** Points scored so far, counted once per fold. */
  readonly completed: number;
  /** Points x folds. */
  readonly total: number;
}

/** How to search. */
export interface GridSearchOptions {
  /** Folds of neighbouring rows, without shuffling. Default 5. */
  readonly cv?: number | KFold;
  /** Default `"r2"`. */
  readonly scoring?: Scoring;
  /** Whether to fit the best point on all rows at the end. Default true. */
  readonly refit?: boolean;
  /** Called as the search proceeds. */
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Ends the search with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How long the search may keep the event loop, in milliseconds, before timers and signals have their turn. */
const TURN = 20;

/**
 * Exhaustive search over a grid of parameters, after scikit-learn's `GridSearchCV`.
 *
 * Of decision trees, one growth serves all points that differ in maxDepth and minSamplesSplit only, since those are
 * prunings of one tree: see docs/one-growth-many-prunings.md. Of other estimators, among them subclasses of
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
   * Score every point on every fold; then fit the best one on all rows.
   *
   * @param columns - Feature columns, shape (features, rows). Estimators that are not trees get them as they are.
   * @param y - Labels, one per row: finite numbers.
   * @throws {RangeError} Input that the estimator refuses, or fewer rows than folds.
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
    if (this.#results === undefined) throw new NotFittedError("GridSearchCV");
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
    if (this.#best === undefined) throw new NotFittedError("GridSearchCV with refit");
    return this.#best;
  }

  /** Run the search, reporting progress, and giving way to other work of the process after every turn. */
  async #run(scored: AsyncIterable<number> | Iterable<number>, total: number): Promise<void> {
    const { signal, onProgress } = this.#options;
    signal?.throwIfAborted();
    let turnEnds = performance.now() + TURN;
    for await (const completed of scored) {
      onProgress?.({ completed, total });
      if (performance.now() >= turnEnds) {
        await setImmediate();
        turnEnds = performance.now() + TURN;
      }
      signal?.throwIfAborted();
    }
  }
}

/** Whether an estimator can be pruned: a subclass may fit and predict in a way of its own. */
function isPlainTree(estimator: object): estimator is DecisionTreeRegressor {
  return estimator.constructor === DecisionTreeRegressor;
}
