import { describe, expect, test } from "@jest/globals";
import { meanAbsoluteError, r2Score } from "@ml-pipelines/decision-tree";

describe("r2Score", () => {
  test.each([
    ["the textbook case", [3, -0.5, 2, 7], [2.5, 0, 2, 8], 0.9486081370449679],
    ["predictions worse than the mean", [1, 2, 3], [3, 2, 1], -3],
    ["perfect predictions of equal labels", [2, 2], [2, 2], 1],
    ["wrong predictions of equal labels", [2, 2], [2, 3], 0],
    ["wrong predictions of equal labels whose mean rounds", [0.1, 0.1, 0.1], [0.1, 0.2, 0.1], 0],
    ["perfect predictions of equal labels whose mean rounds", [0.1, 0.1, 0.1], [0.1, 0.1, 0.1], 1],
    ["one row", [2], [2], Number.NaN],
  ])("returns scikit-learn's score for %s", (_, truth, predictions, score) => {
    expect(r2Score(truth, predictions)).toBe(score);
  });

  test("rejects different lengths, no rows and NaN", () => {
    expect(() => r2Score([1, 2], [1])).toThrow("yTrue has 2 rows and yPred 1: expected the same number");
    expect(() => r2Score([], [])).toThrow("yTrue has 0 sample(s) while a minimum of 1 is required");
    expect(() => r2Score([1], [Number.NaN])).toThrow("yPred contains NaN: row 0");
  });
});

describe("meanAbsoluteError", () => {
  test("returns the mean distance", () => {
    expect(meanAbsoluteError([3, -0.5, 2, 7], [2.5, 0, 2, 8])).toBe(0.5);
  });

  test("rejects infinities", () => {
    expect(() => meanAbsoluteError([1], [Infinity])).toThrow("yPred contains infinity: row 0");
  });
});
