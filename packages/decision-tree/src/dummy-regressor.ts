import { argsortFloat64 } from "./argsort.js";
import { readFeatures, readLabels, readWeights } from "./column.js";
import type { Column } from "./column.js";
import { r2Score } from "./metrics.js";
import { checkOptions } from "./options.js";
import type { OptionNames } from "./options.js";
import { NotFittedError } from "./regressor.js";

/** Parameters of DummyRegressor. */
export interface DummyParams {
  /** The prediction: the labels' `"mean"` (default) or `"median"`. */
  readonly strategy: "mean" | "median";
}

const PARAM_NAMES: OptionNames<DummyParams> = { strategy: true };

/** The baseline that any model should beat. It predicts the same value for every row, whatever its features. */
export class DummyRegressor {
  readonly params: DummyParams;
  #answer: number | undefined;

  /**
   * @throws {RangeError} An unknown strategy.
   * @throws {TypeError} An unknown parameter.
   */
  constructor(params: Partial<DummyParams> = {}) {
    checkOptions(params, PARAM_NAMES);
    const { strategy = "mean" } = params;
    if (!["mean", "median"].includes(strategy)) {
      throw new RangeError(`strategy is ${JSON.stringify(strategy)}, expected "mean" or "median"`);
    }
    this.params = { strategy };
  }

  /** An unfitted regressor with some parameters changed. */
  withParams(params: Partial<DummyParams>): DummyRegressor {
    return new DummyRegressor({ ...this.params, ...params });
  }

  /**
   * Learn the prediction. The features are only checked.
   *
   * @param sampleWeight - Weight of each row. Default: 1.
   * @throws {RangeError} Input that DecisionTreeRegressor rejects.
   */
  fit(columns: readonly Column[], y: Column, sampleWeight?: Column): this {
    const labels = readLabels(y);
    readFeatures(columns, labels.length);
    const isMean = this.params.strategy === "mean";
    if (sampleWeight === undefined) {
      this.#answer = isMean ? mean(labels) : median(labels);
    } else {
      const weights = readWeights(sampleWeight, labels.length);
      this.#answer = isMean ? weightedMean(labels, weights) : weightedMedian(labels, weights);
    }
    return this;
  }

  /** The same prediction for every row. @throws {NotFittedError} Before `fit`. */
  predict(columns: readonly Column[]): Float64Array {
    if (this.#answer === undefined) {
      throw new NotFittedError("DummyRegressor");
    }
    return new Float64Array(readFeatures(columns)[0]!.length).fill(this.#answer);
  }

  /** r2 of the predictions: at most 0 on rows that were not in `fit`. */
  score(columns: readonly Column[], y: Column): number {
    return r2Score(y, this.predict(columns));
  }
}

function mean(labels: Float64Array): number {
  return labels.reduce((sum, label) => sum + label, 0) / labels.length;
}

function median(labels: Float64Array): number {
  const sorted = labels.toSorted();
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

function weightedMean(labels: Float64Array, weights: Float64Array): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return labels.reduce((sum, label, row) => sum + weights[row]! * label, 0) / total;
}

/** The first label up to which half of the weight lies: scikit-learn's `_weighted_percentile`. */
function weightedMedian(labels: Float64Array, weights: Float64Array): number {
  const order = argsortFloat64(labels);
  const half = weights.reduce((sum, weight) => sum + weight, 0) / 2;
  let low = 0;
  const at = order.find((row) => {
    low += weights[row]!;
    return low >= half;
  });
  return labels[at ?? order.length - 1]!;
}
