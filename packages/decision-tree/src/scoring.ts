import type { Column } from "./column.js";
import { meanAbsoluteError, r2Score } from "./metrics.js";
import type { Scoring } from "./metrics.js";
import { argumentError } from "./options.js";

/** A fitted estimator, as far as a score needs it. */
export interface Predictor {
  /** One prediction per row. */
  predict(columns: readonly Column[]): Float64Array;
}

/**
 * A score of your own: larger is better.
 *
 * @param estimator - Fitted.
 * @param columns - Feature columns of the rows to score, shape (features, rows).
 * @param y - Their labels.
 */
export type Scorer<R> = (estimator: R, columns: readonly Column[], y: Float64Array) => number;

const SCORING_NAMES: readonly unknown[] = ["r2", "neg_mean_absolute_error"] satisfies Scoring[];

/**
 * A scoring from the caller, checked.
 *
 * @throws {RangeError} Neither a function nor the name of a scoring.
 */
export function checkScoring<S>(scoring: S): S {
  if (typeof scoring !== "function" && !SCORING_NAMES.includes(scoring)) {
    throw new RangeError(
      `scoring is ${JSON.stringify(scoring)}, expected "r2", "neg_mean_absolute_error" or a function`,
    );
  }
  return scoring;
}

/**
 * Score a fitted estimator.
 *
 * @throws {TypeError} A function that returns no number.
 */
export function scoreEstimator<R extends Predictor>(
  scoring: Scoring | Scorer<R>,
  estimator: R,
  columns: readonly Column[],
  y: Float64Array,
): number {
  if (typeof scoring !== "function") {
    const predictions = estimator.predict(columns);
    return scoring === "r2" ? r2Score(y, predictions) : -meanAbsoluteError(y, predictions);
  }
  const score: unknown = scoring(estimator, columns, y);
  if (typeof score !== "number") {
    throw argumentError("the result of scoring", score, "a number");
  }
  return score;
}
