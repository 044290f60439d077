import type { Column } from "./column.js";
import type { Fold } from "./folds.js";
import { meanAbsoluteError, r2Score } from "./metrics.js";
import type { Scoring } from "./metrics.js";
import type { Regressor } from "./regressor.js";

/** Input of a search over estimators of any kind. */
interface PointSearchData<R> {
  readonly features: readonly Float64Array[];
  readonly labels: Float64Array;
  readonly folds: readonly Fold[];
  /** An unfitted estimator for each point. */
  readonly candidates: readonly R[];
  readonly scoring: Scoring;
}

/** A search over estimators of any kind, which fits every point separately. All points share the folds' data. */
export class PointSearch<R extends Regressor<R>> {
  readonly #data: PointSearchData<R>;

  constructor(data: PointSearchData<R>) {
    this.#data = data;
  }

  /**
   * Score every point on every fold.
   *
   * @param scores - Filled in: one column per fold, one element per point.
   * @yields The number of scores filled in so far.
   */
  *score(scores: readonly Float64Array[]): Generator<number> {
    const { features, labels, folds, candidates, scoring } = this.#data;
    let completed = 0;
    for (const [index, { train, test: held }] of folds.entries()) {
      const trainFeatures = features.map((feature) => take(feature, train));
      const testFeatures = features.map((feature) => take(feature, held));
      const trainLabels = take(labels, train);
      const testLabels = take(labels, held);
      for (const [point, candidate] of candidates.entries()) {
        const predictions = candidate.fit(trainFeatures, trainLabels).predict(testFeatures);
        scores[index]![point] = scorePredictions(scoring, testLabels, predictions);
        yield ++completed;
      }
    }
  }

  /** Fit an estimator on all rows. */
  fit(best: R): R {
    return best.fit(this.#data.features, this.#data.labels);
  }
}

function scorePredictions(scoring: Scoring, labels: Column, predictions: Column): number {
  return scoring === "r2" ? r2Score(labels, predictions) : -meanAbsoluteError(labels, predictions);
}

function take(values: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}
