import { expect, test } from "@jest/globals";
import { below } from "../src/below.js";

test("three decimals, unless they would hide that the number is below the bound", () => {
  expect(below(0.9744653, 0.99)).toBe("0.974");
  expect(below(0.9744653, 0.97447)).toBe("0.974");
  expect(below(0.97996, 0.98)).toBe("0.97996");
});
