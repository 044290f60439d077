import { meanAbsoluteError, rSquared } from "../metrics.js";
import type { Estimate } from "./monitoring-result.js";

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/**
 * The mean absolute error with its 95 % interval, from the standard error of the mean.
 *
 * @returns null with fewer than two rows.
 */
export function estimateError(actual: readonly number[], predicted: readonly number[]): Estimate | null {
  if (actual.length < 2) {
    return null;
  }
  const errors = actual.map((value, row) => Math.abs(value - (predicted[row] ?? NaN)));
  return around(meanAbsoluteError(actual, predicted), standardError(errors));
}

/**
 * R-squared with its 95 % interval.
 *
 * 1 - r-squared is a ratio of two means: of the squared errors, and of the squared deviations of the true values from
 * their mean. The interval is that of a ratio estimator.
 *
 * @returns null with fewer than two rows, or if all true values are equal.
 * @see W. G. Cochran, "Sampling Techniques", 3rd edition, 1977, section 6.3
 */
export function estimateRSquared(actual: readonly number[], predicted: readonly number[]): Estimate | null {
  if (actual.length < 2 || actual.every((value) => value === actual[0])) {
    return null;
  }
  const value = rSquared(actual, predicted);
  const mean = meanOf(actual);
  const deviations = actual.map((each) => (each - mean) ** 2);
  const residuals = actual.map(
    (each, row) => (each - (predicted[row] ?? NaN)) ** 2 - (1 - value) * (deviations[row] ?? NaN),
  );
  return around(value, standardError(residuals) / meanOf(deviations));
}

function around(value: number, error: number): Estimate {
  return { value, lower: value - Z * error, upper: value + Z * error };
}

/** The standard error of the mean, from the sample standard deviation. */
function standardError(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
