import type { Fold } from "./folds.js";
import type { Scoring } from "./metrics.js";
import type { Regressor } from "./regressor.js";
import { scoreEstimator } from "./scoring.js";
import type { Scorer } from "./scoring.js";

/** Rows that estimators learn from, or are scored on. */
interface Rows {
  readonly features: readonly Float64Array[];
  readonly labels: Float64Array;
  readonly weights: Float64Array | undefined;
}

/** Input of a search over estimators of any kind. */
interface PointSearchData<R> extends Rows {
  readonly folds: readonly Fold[];
  /** An unfitted estimator for each point. */
  readonly candidates: readonly R[];
  readonly scoring: Scoring | Scorer<R>;
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
    const { folds, candidates, scoring } = this.#data;
    let completed = 0;
    for (const [index, fold] of folds.entries()) {
      const train = takeRows(this.#data, fold.train);
      const held = takeRows(this.#data, fold.test);
      for (const [point, candidate] of candidates.entries()) {
        const fitted = fitRows(candidate, train);
        scores[index]![point] = scoreEstimator(scoring, fitted, held.features, held.labels);
        yield ++completed;
      }
    }
  }

  /** Fit an estimator on all rows. */
  fit(best: R): R {
    return fitRows(best, this.#data);
  }
}

/** Some of the rows, such as those of a fold. */
export function takeRows({ features, labels, weights }: Rows, rows: Int32Array): Rows {
  return {
    features: features.map((feature) => take(feature, rows)),
    labels: take(labels, rows),
    weights: weights && take(weights, rows),
  };
}

/**
 * Fit an estimator.
 *
 * @throws {TypeError} Weights, for an estimator whose `fit` takes only columns and labels, and would ignore them.
 */
export function fitRows<R extends Regressor<R>>(estimator: R, { features, labels, weights }: Rows): R {
  if (weights === undefined) {
    return estimator.fit(features, labels);
  }
  if (estimator.fit.length === 2) {
    throw new TypeError("sampleWeight is given, but the estimator's fit takes columns and labels only");
  }
  return estimator.fit(features, labels, weights);
}

function take(values: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}
