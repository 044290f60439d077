import { expect, test } from "@jest/globals";
import { listGridPoints } from "../src/param-grid.js";

test("sorts names, and varies the last fastest", () => {
  expect(listGridPoints({ b: [1, 2], a: ["x", "y"] })).toEqual([
    { a: "x", b: 1 },
    { a: "x", b: 2 },
    { a: "y", b: 1 },
    { a: "y", b: 2 },
  ]);
});

test("an empty grid is the estimator as it is", () => {
  expect(listGridPoints({})).toEqual([{}]);
});

test("refuses a parameter without values", () => {
  expect(() => listGridPoints({ a: [] })).toThrow(
    "Parameter grid for parameter a needs a non-empty array of values",
  );
});
