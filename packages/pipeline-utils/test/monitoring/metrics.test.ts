import { describe, expect, test } from "@jest/globals";
import { accuracy, meanAbsoluteError, rSquared } from "@ml-pipelines/pipeline-utils/monitoring";

describe("metrics of a model", () => {
  test("returns scikit-learn's rSquared", () => {
    // sklearn.metrics.r2_score([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    expect(rSquared([3, -0.5, 2, 7], [2.5, 0, 2, 8])).toBeCloseTo(0.9486081370449679, 15);
    expect(rSquared([1, 2, 3], [3, 2, 1])).toBe(-3);
  });

  test("returns rSquared of equal values whose mean is rounded", () => {
    const actual = [0.1, 0.1, 0.1];
    expect(rSquared(actual, actual)).toBe(1);
    expect(rSquared(actual, [0.1, 0.1, 0.2])).toBe(0);
  });

  test("returns NaN as rSquared of one row", () => {
    expect(rSquared([1], [1])).toBeNaN();
  });

  test("returns scikit-learn's meanAbsoluteError", () => {
    // sklearn.metrics.mean_absolute_error([3, -0.5, 2, 7], [2.5, 0.0, 2, 8])
    expect(meanAbsoluteError([3, -0.5, 2, 7], [2.5, 0, 2, 8])).toBe(0.5);
  });

  test("returns scikit-learn's accuracy", () => {
    // sklearn.metrics.accuracy_score([0, 1, 2, 3], [0, 2, 1, 3])
    expect(accuracy(Float64Array.of(0, 1, 2, 3), Float64Array.of(0, 2, 1, 3))).toBe(0.5);
  });
});

test.each([rSquared, meanAbsoluteError, accuracy])(
  "rejects columns of different lengths and empty ones: %p",
  (score) => {
    expect(() => score([1, 2], [1])).toThrow(
      "actual has length 2 and predicted has length 1, expected equal lengths",
    );
    expect(() => score([], [])).toThrow("0 true values, expected at least 1");
  },
);
