import { readLabels } from "./column.js";
import type { Column } from "./column.js";

/** Score of a search; larger is better. */
export type Scoring = "r2" | "neg_mean_absolute_error";

/**
 * The coefficient of determination: 1 - (sum of squared errors) / (sum of squared deviations from the mean).
 *
 * As in scikit-learn, equal true values give 1 for perfect predictions and 0 for others; one row gives NaN.
 *
 * @returns At most 1; negative where predictions are worse than the mean of `yTrue`.
 * @throws {RangeError} No rows, different lengths, NaN or infinities.
 */
export function r2Score(yTrue: Column, yPred: Column): number {
  const [truth, predictions] = readPair(yTrue, yPred);
  let errors = 0;
  for (let i = 0; i < truth.length; i++) {
    errors += (truth[i]! - predictions[i]!) ** 2;
  }
  return r2FromErrors(errors, squaredDeviations(truth), truth.length);
}

/**
 * The mean of |yTrue - yPred|, in the labels' unit.
 *
 * @throws {RangeError} No rows, different lengths, NaN or infinities.
 */
export function meanAbsoluteError(yTrue: Column, yPred: Column): number {
  const [truth, predictions] = readPair(yTrue, yPred);
  let sum = 0;
  for (let i = 0; i < truth.length; i++) {
    sum += Math.abs(truth[i]! - predictions[i]!);
  }
  return sum / truth.length;
}

/** Sum of squared deviations from the mean: exactly 0 if all labels are equal, although their mean may round. */
export function squaredDeviations(labels: Float64Array): number {
  let sum = 0;
  let isConstant = true;
  for (const label of labels) {
    sum += label;
    isConstant &&= label === labels[0];
  }
  if (isConstant) {
    return 0;
  }
  const mean = sum / labels.length;
  let squares = 0;
  for (const label of labels) {
    squares += (label - mean) ** 2;
  }
  return squares;
}

/** r2 from its two sums, with scikit-learn's values if it is undefined. */
export function r2FromErrors(squaredErrors: number, deviations: number, rows: number): number {
  if (rows < 2) {
    return Number.NaN;
  }
  if (deviations === 0) {
    return squaredErrors === 0 ? 1 : 0;
  }
  return 1 - squaredErrors / deviations;
}

/** Check that two columns have the same length, at least one row. */
function readPair(yTrue: Column, yPred: Column): [Float64Array, Float64Array] {
  const truth = readLabels(yTrue, "yTrue");
  const predictions = readLabels(yPred, "yPred");
  if (truth.length !== predictions.length) {
    throw new RangeError(
      `yTrue has ${truth.length} rows and yPred ${predictions.length}: expected the same number`,
    );
  }
  if (truth.length === 0) {
    throw new RangeError("yTrue has 0 sample(s) while a minimum of 1 is required");
  }
  return [truth, predictions];
}
