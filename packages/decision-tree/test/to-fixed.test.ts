import { expect, test } from "@jest/globals";
import { toFixed } from "../src/to-fixed.js";

// From Python: format(value, f".{decimals}f").
test.each([
  [0.125, 2, "0.12"],
  [0.375, 2, "0.38"],
  [-512659.890625, 5, "-512659.89062"],
  [2.5, 0, "2"],
  [3.5, 0, "4"],
  [0.5, 0, "0"],
  [-0.5, 0, "-0"],
  [1.005, 2, "1.00"],
  [0.1, 20, "0.10000000000000000555"],
  [1e20, 1, "100000000000000000000.0"],
])("%p with %p decimals is %s", (value, decimals, text) => {
  expect(toFixed(value, decimals)).toBe(text);
});
