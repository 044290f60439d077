import { describe, expect, test } from "@jest/globals";

import type { Feature, JsonValue, Target } from "@ml-pipelines/pipeline-utils/aws";
import { conformalInterval, predictionInterval } from "@ml-pipelines/pipeline-utils/monitoring";

describe("conformalInterval", () => {
  test.each([
    // The ceil((n + 1) x level)-th smallest of the scores 1 to n.
    [9, 0.9, 9],
    [29, 0.9, 27],
    [100, 0.9, 91],
    [199, 0.95, 190],
    [4, 0.5, 3],
  ])("takes the ceil((n + 1) level)-th smallest of %i scores at level %d", (n, level, q) => {
    const scores = Float64Array.from({ length: n }, (_, row) => 1 + ((row * 7) % n));
    expect(new Set(scores).size).toBe(n % 7 === 0 ? n / 7 : n);
    expect(conformalInterval(scores, level)).toEqual({ level, n, q });
  });

  test("is infinite when there are too few rows for the level", () => {
    expect(conformalInterval([1, 2, 3, 4, 5, 6, 7, 8], 0.9)).toEqual({ level: 0.9, n: 8, q: Infinity });
  });

  test("measures a category of its own when it has 50 rows", () => {
    const scores = Array.from({ length: 99 }, (_, row) => row);
    const categories = scores.map((row) => (row < 50 ? "near" : "far"));
    expect(conformalInterval(scores, 0.5, categories)).toEqual({
      level: 0.5,
      n: 99,
      q: 49,
      categories: { near: { n: 50, q: 25 } },
    });
    expect(conformalInterval(scores.slice(1), 0.5, categories.slice(1))).not.toHaveProperty("categories");
  });

  test.each<[string, number[], number, string[] | undefined, string]>([
    ["a level of 1", [1], 1, undefined, "level is 1, expected a number between 0 and 1"],
    ["a level of NaN", [1], NaN, undefined, "level is NaN"],
    ["a negative score", [1, -1], 0.9, undefined, "scores[1] is -1, expected at least 0"],
    ["a score of NaN", [NaN], 0.9, undefined, "scores[0] is NaN"],
    ["too few categories", [1, 2], 0.9, ["a"], "categories has length 1, expected 2 as scores has"],
  ])("rejects %s", (_, scores, level, categories, message) => {
    expect(() => conformalInterval(scores, level, categories)).toThrow(message);
  });
});

describe("predictionInterval", () => {
  const features: Feature[] = [
    { name: "orders", type: "number" },
    { name: "product", type: "category", categories: ["cups", "constructor"] },
  ];
  const target: Target = { name: "hours", type: "number", minimum: 0 };
  const around = (interval: JsonValue | undefined, row: number[], prediction: number, of: Target = target) =>
    predictionInterval(interval, { features, target: of, row, prediction });
  const interval = { level: 0.9, n: 200, q: 2, feature: "product", categories: { cups: { n: 60, q: 1 } } };

  test("uses the half-width of the row's category, or that of all rows", () => {
    expect(around(interval, [1, 0], 5)).toEqual({ level: 0.9, low: 4, high: 6 });
    expect(around(interval, [1, 1], 5)).toEqual({ level: 0.9, low: 3, high: 7 });
  });

  test("stays within the bounds of the target", () => {
    expect(around(interval, [1, 1], 1)).toEqual({ level: 0.9, low: 0, high: 3 });
    expect(around(interval, [1, 1], 1, { ...target, maximum: 2 })).toEqual({ level: 0.9, low: 0, high: 2 });
  });

  test.each<[string, JsonValue | undefined]>([
    ["none", undefined],
    ["text", "wide"],
    ["no half-width", { level: 0.9 }],
    ["a negative half-width", { level: 0.9, q: -1 }],
  ])("is undefined for a model with an interval that is %s", (_, stored) => {
    expect(around(stored, [1, 0], 5)).toBeUndefined();
  });

  test("is undefined for a class", () => {
    expect(
      around(interval, [1, 0], 1, { name: "late", type: "category", categories: ["a", "b"] }),
    ).toBeUndefined();
  });
});
