/** A number that says how well predictions agree with the truth, one value a row in both. */
export type Score = (actual: ArrayLike<number>, predicted: ArrayLike<number>) => number;

/**
 * The coefficient of determination: 1 - (sum of squared errors) / (sum of squared deviations from the mean).
 *
 * As in scikit-learn: if all true values are equal, 1 for perfect predictions and 0 for others; NaN for one row.
 *
 * @returns At most 1; negative if predictions are worse than the mean of the truth.
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
  // The mean of equal numbers can be off by a rounding, and the deviations then are not 0.
  if (isConstant(actual)) {
    return errors === 0 ? 1 : 0;
  }
  return 1 - errors / sumOf(rows, (row) => (at(actual, row) - mean) ** 2);
}

/**
 * The mean of |actual - predicted|, in the unit of the target.
 *
 * @throws {RangeError} No rows, or different numbers of rows.
 */
export function meanAbsoluteError(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const rows = countRows(actual, predicted);
  return sumOf(rows, (row) => Math.abs(at(actual, row) - at(predicted, row))) / rows;
}

/**
 * The share of rows whose predicted class is the true one, from 0 to 1. Classes are given as their indexes.
 *
 * @throws {RangeError} No rows, or different numbers of rows.
 */
export function accuracy(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const rows = countRows(actual, predicted);
  return sumOf(rows, (row) => (at(actual, row) === at(predicted, row) ? 1 : 0)) / rows;
}

function countRows(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  if (actual.length !== predicted.length) {
    throw new RangeError(
      `${actual.length} true values and ${predicted.length} predictions, expected as many of both`,
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
