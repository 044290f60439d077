import { describe, expect, test } from "@jest/globals";

import { isWorse, readMetrics, showWorse } from "../../src/stage/train/gate.js";

const { all } = readMetrics({
  r_squared: { better: "greater" },
  mean_absolute_error: { better: "less" },
  root_mean_error: { better: "less", score: () => 0 },
});
const [rSquared, error] = all;

test("labels metrics for the log", () => {
  expect(all.map(({ label }) => label)).toEqual(["r-squared", "MAE", "root-mean-error"]);
});

describe("a metric that is better when greater", () => {
  test("fails below its bound and for NaN", () => {
    expect([0.7, 0.8, 0.9, NaN].map((value) => isWorse(rSquared!, value, 0.8))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  test("shows three decimals, and more when they hide that it is below the bound", () => {
    expect(showWorse(rSquared!, 0.9744653, 0.99)).toBe("0.974");
    expect(showWorse(rSquared!, 0.9744653, 0.97447)).toBe("0.974");
    expect(showWorse(rSquared!, 0.97996, 0.98)).toBe("0.97996");
  });
});

describe("a metric that is better when less", () => {
  test("fails above its bound and for NaN", () => {
    expect([0.7, 0.8, 0.9, NaN].map((value) => isWorse(error!, value, 0.8))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test("shows three decimals, and more when they hide that it is above the bound", () => {
    expect(showWorse(error!, 0.9156, 0.9)).toBe("0.916");
    expect(showWorse(error!, 0.9004, 0.9)).toBe("0.9004");
  });
});
