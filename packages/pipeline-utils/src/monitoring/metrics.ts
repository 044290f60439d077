/** A measure of how well predictions agree with the true values. Both have one value per row. */
export type Score = (actual: ArrayLike<number>, predicted: ArrayLike<number>) => number;

/**
 * The coefficient of determination: 1 - (sum of squared errors) / (sum of squared deviations from the mean).
 *
 * Special cases are as in scikit-learn. If all true values are equal, the score is 1 for perfect predictions and 0 for
 * others. For one row it is NaN.
 *
 * @param actual - True values, shape (rows).
 * @param predicted - Predictions, shape (rows).
 * @returns At most 1. Negative if the predictions are worse than the mean of the true values.
 * @throws {RangeError} No rows, or different numbers of rows.
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.r2_score.html
 */
export function rSquared(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const rows = countRows(actual, predicted);
  if (rows === 1) {
    return NaN;
  }
  const mean = sumOf(rows, (row) => at(actual, row)) / rows;
  const errors = sumOf(rows, (row) => (at(actual, row) - at(predicted, row)) ** 2);
  // The mean of equal numbers can have a rounding error, which would make the deviations differ from 0.
  if (isConstant(actual)) {
    return errors === 0 ? 1 : 0;
  }
  return 1 - errors / sumOf(rows, (row) => (at(actual, row) - mean) ** 2);
}

/**
 * The mean of |actual - predicted|, in the unit of the target.
 *
 * @param actual - True values, shape (rows).
 * @param predicted - Predictions, shape (rows).
 * @throws {RangeError} No rows, or different numbers of rows.
 */
export function meanAbsoluteError(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const rows = countRows(actual, predicted);
  return sumOf(rows, (row) => Math.abs(at(actual, row) - at(predicted, row))) / rows;
}

/**
 * The share of rows whose predicted class is the true one, from 0 to 1.
 *
 * @param actual - Indexes of the true classes, shape (rows).
 * @param predicted - Indexes of the predicted classes, shape (rows).
 * @throws {RangeError} No rows, or different numbers of rows.
 */
export function accuracy(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const rows = countRows(actual, predicted);
  return sumOf(rows, (row) => (at(actual, row) === at(predicted, row) ? 1 : 0)) / rows;
}

function countRows(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  if (actual.length !== predicted.length) {
    throw new RangeError(
      `actual has length ${actual.length} and predicted has length ${predicted.length}, expected equal lengths`,
    );
  }
  if (actual.length === 0) {
    throw new RangeError("0 true values, expected at least 1");
  }
  return actual.length;
}

function sumOf(rows: number, term: (row: number) => number): number {
  let sum = 0;
  for (let row = 0; row < rows; row += 1) {
    sum += term(row);
  }
  return sum;
}

function isConstant(values: ArrayLike<number>): boolean {
  for (let row = 1; row < values.length; row += 1) {
    if (values[row] !== values[0]) {
      return false;
    }
  }
  return true;
}

function at(values: ArrayLike<number>, row: number): number {
  return values[row] ?? NaN;
}
