import { expect, test } from "@jest/globals";
import { nextDown, nextUp } from "../src/next-up.js";

test.each([
  [0, 5e-324],
  [1, 1 + 2 ** -52],
  [-1, -1 + 2 ** -53],
  [-5e-324, 0],
  [2.5, 2.5000000000000004],
  [Number.MAX_VALUE, Infinity],
])("the double above %p is %p", (value, above) => {
  // One zero: the doubles next to it give it either sign.
  expect(nextUp(value) + 0).toBe(above);
  if (Number.isFinite(above)) expect(nextDown(above) + 0).toBe(value);
});
