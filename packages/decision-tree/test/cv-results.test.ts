import { expect, test } from "@jest/globals";
import { summariseScores } from "../src/cv-results.js";

test("means, population deviations, and ranks where equal means share the smaller and NaN is last", () => {
  const params = [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }];
  const results = summariseScores(params, [Float64Array.of(1, 3, 1, NaN), Float64Array.of(3, 4, 3, 9)]);
  expect(results.params).toBe(params);
  expect(Array.from(results.meanTestScore)).toEqual([2, 3.5, 2, NaN]);
  expect(Array.from(results.stdTestScore)).toEqual([1, 0.5, 1, NaN]);
  expect(Array.from(results.rankTestScore)).toEqual([2, 1, 2, 4]);
});

test("where all are NaN, as with folds of one row, the first is the best", () => {
  const results = summariseScores([{}, {}], [Float64Array.of(NaN, NaN)]);
  expect(Array.from(results.rankTestScore)).toEqual([1, 1]);
});
