import type { Column } from "./column.js";
import type { Fold } from "./k-fold.js";
import { meanAbsoluteError } from "./mean-absolute-error.js";
import type { Scoring } from "./pruning-errors.js";
import { r2Score } from "./r2-score.js";
import type { Regressor } from "./regressor.js";

/** What a search of estimators of any kind works on. */
export interface PointSearch<R> {
  readonly features: readonly Float32Array[];
  readonly labels: Float64Array;
  readonly folds: readonly Fold[];
  /** An unfitted estimator for each point. */
  readonly candidates: readonly R[];
  readonly scoring: Scoring;
}

/**
 * Score every point on every fold with a fit of its own. All points share the folds' data.
 *
 * @param scores - Filled in: one column per fold, one element per point.
 * @yields The number of scores filled in so far.
 */
export function* searchPoints<R extends Regressor<R>>(
  { features, labels, folds, candidates, scoring }: PointSearch<R>,
  scores: readonly Float64Array[],
): Generator<number> {
  let completed = 0;
  for (const [index, { train, test }] of folds.entries()) {
    const trainFeatures = features.map((feature) => take(feature, train));
    const testFeatures = features.map((feature) => take(feature, test));
    const trainLabels = take(labels, train);
    const testLabels = take(labels, test);
    for (const [point, candidate] of candidates.entries()) {
      const predictions = candidate.fit(trainFeatures, trainLabels).predict(testFeatures);
      scores[index]![point] = score(scoring, testLabels, predictions);
      yield ++completed;
    }
  }
}

function score(scoring: Scoring, labels: Column, predictions: Column): number {
  return scoring === "r2" ? r2Score(labels, predictions) : -meanAbsoluteError(labels, predictions);
}

function take(values: Float32Array | Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}
