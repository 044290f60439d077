import { expect, test } from "@jest/globals";
import { isBoundary, isClear, midpoint } from "../src/split.js";

const next = (value: number) => value + 2 ** (Math.floor(Math.log2(value)) - 23);

// scikit-learn adds its 1e-7 in 32-bit floats: between 1 and 2 that reaches the next float, from 2 on it reaches none.
test.each([
  [1, next(1), false],
  [1, next(next(1)), true],
  [2, next(2), true],
  [0, Math.fround(1e-7), false],
  [0, Math.fround(1.1e-7), true],
  [-1, -1 + 2 ** -24, false],
  [3, 3, false],
])("allows a split between %p and %p: %p", (lower, upper, possible) => {
  expect(isBoundary(lower, upper)).toBe(possible);
});

test.each([
  [1, 2, 1.5],
  [-3, 1, -1],
  [3e38, 3.4e38, 3.2000000000000002e38],
  [1, 1 + Number.EPSILON, 1],
])("returns the threshold between %p and %p: %p", (lower, upper, threshold) => {
  expect(midpoint(lower, upper)).toBe(threshold);
});

test.each([
  [Infinity, true],
  [4e-9, true],
  [2e-9, false],
])("treats a lead of %p over the replaced split as clear, at an error of 1: %p", (lead, clear) => {
  const split = { gain: 0.5, feature: 0, lead, left: 1, entries: 1, code: 0, lower: 0, upper: 1 };
  expect(isClear(split, { size: 2, weight: 2, value: 0, error: 1 })).toBe(clear);
});
