import { setImmediate } from "node:timers/promises";
import { readExactFeatures, readFeatures, readLabels, readWeights } from "./column.js";
import type { Column } from "./column.js";
import { checkScores, reasonForNaN, summariseScores } from "./cv-results.js";
import type { CvResults } from "./cv-results.js";
import { DecisionTreeRegressor } from "./decision-tree-regressor.js";
import { listFolds, toSplitter } from "./cv-folds.js";
import type { CrossValidation } from "./cv-folds.js";
import type { FoldLike, Groups, Splitter } from "./folds.js";
import type { Scoring } from "./metrics.js";
import { checkOptions } from "./options.js";
import type { OptionNames } from "./options.js";
import { checkGridValues, listGridPoints } from "./param-grid.js";
import type { ParamGrid } from "./param-grid.js";
import { PointSearch } from "./point-search.js";
import { NotFittedError } from "./regressor.js";
import type { Regressor } from "./regressor.js";
import { checkScoring, scoreEstimator } from "./scoring.js";
import type { Scorer } from "./scoring.js";
import { openTreeSearch } from "./tree-search.js";

/** Progress of a search. */
export interface SearchProgress {
  /** Points scored so far, counted once per fold. */
  readonly completed: number;
  /** Points x folds. */
  readonly total: number;
}

/** Options of a search. */
export interface GridSearchOptions<R = DecisionTreeRegressor> {
  /**
   * Number of folds of neighbouring rows, without shuffling; a splitter, such as TimeSeriesSplit; or a list of folds.
   * Default 5.
   */
  readonly cv?: CrossValidation;
  /** A name, or a function of a fitted estimator, columns and labels. With a function, each point is fitted. Default `"r2"`. */
  readonly scoring?: Scoring | Scorer<R>;
  /** Whether to fit the best point on all rows at the end. Default true. */
  readonly refit?: boolean;
  /** Called as the search proceeds. */
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Aborts the search, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Facts about the rows that features and labels do not give. */
export interface SearchFitOptions {
  /** The group of each row, for splitters that keep groups together. */
  readonly groups?: Groups;
  /** Weight of each row in training: 0, or 1e-12 to 1e6. Scores do not use it, as in scikit-learn. Default: 1. */
  readonly sampleWeight?: Column;
}

const OPTION_NAMES: OptionNames<GridSearchOptions<unknown>> = {
  cv: true,
  scoring: true,
  refit: true,
  onProgress: true,
  signal: true,
};
const FIT_OPTION_NAMES: OptionNames<SearchFitOptions> = { groups: true, sampleWeight: true };

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
  readonly #splitter: Splitter | readonly FoldLike[];
  readonly #scoring: Scoring | Scorer<R>;
  readonly #refit: boolean;
  readonly #options: Pick<GridSearchOptions<R>, "onProgress" | "signal">;
  #results: CvResults<R["params"]> | undefined;
  #best: R | undefined;

  /**
   * @param estimator - Gives the parameters that the grid does not name.
   * @param paramGrid - Values to try, `{ maxDepth: [2, 3, null], ... }`. Points are ordered as in scikit-learn:
   *   names sorted, the last varying fastest.
   * @throws {RangeError} A parameter without values, or with a value that is not allowed.
   * @throws {TypeError} An unknown parameter or option, or a `cv` that gives no folds.
   */
  constructor(estimator: R, paramGrid: ParamGrid<R["params"]>, options: GridSearchOptions<R> = {}) {
    checkOptions(options, OPTION_NAMES);
    const { cv = 5, scoring = "r2", refit = true } = options;
    this.#estimator = estimator;
    this.#points = listGridPoints(paramGrid);
    checkGridValues(estimator, paramGrid);
    this.#splitter = toSplitter(cv);
    this.#scoring = checkScoring(scoring);
    this.#refit = refit;
    this.#options = options;
  }

  /**
   * Score every point on every fold, then fit the best one on all rows.
   *
   * @param columns - Feature columns, shape (features, rows). Estimators other than trees get them in 64 bits.
   * @param y - Labels, one per row: finite numbers.
   * @param options - See SearchFitOptions.
   * @throws {RangeError} Input that the estimator rejects, fewer rows than folds, a fold without rows or with a
   *   position that is not a row's, or scores of NaN for every point.
   * @throws {TypeError} An unknown option.
   * @throws The signal's reason, once it has been aborted.
   */
  async fit(columns: readonly Column[], y: Column, options: SearchFitOptions = {}): Promise<this> {
    checkOptions(options, FIT_OPTION_NAMES);
    const { groups, sampleWeight } = options;
    const labels = readLabels(y);
    const rows = labels.length;
    const folds = listFolds(this.#splitter, labels, groups);
    const estimator = this.#estimator;
    const points = this.#points;
    const scores = folds.map(() => new Float64Array(points.length));
    const scoring = this.#scoring;
    const data = { labels, weights: sampleWeight && readWeights(sampleWeight, rows), folds };
    const search =
      isPlainTree(estimator) && typeof scoring !== "function"
        ? await openTreeSearch(
            {
              ...data,
              scoring,
              features: readFeatures(columns, rows),
              points: points.map((point) => ({ ...estimator.params, ...point })),
            },
            this.#options.signal,
          )
        : new PointSearch({
            ...data,
            scoring,
            features: readExactFeatures(columns, rows),
            candidates: points.map((point) => estimator.withParams(point)),
          });
    await this.#run(search.score(scores), points.length * folds.length);
    const results = summariseScores(points, scores);
    checkScores(results, (fold) => reasonForNaN(scoring, folds[fold]!));
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

  /** Predictions of the best estimator. @throws {NotFittedError} Before `fit`, or with `refit: false`. */
  predict(columns: readonly Column[]): Float64Array {
    return this.bestEstimator.predict(columns);
  }

  /** Score of the best estimator, by the search's scoring. @throws {NotFittedError} Like `predict`. */
  score(columns: readonly Column[], y: Column): number {
    return scoreEstimator(this.#scoring, this.bestEstimator, columns, readLabels(y));
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
