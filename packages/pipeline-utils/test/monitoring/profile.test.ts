import { describe, expect, test } from "@jest/globals";
import {
  profileColumn,
  profileModel,
  trainedRange,
  typicalRow,
} from "@ml-pipelines/pipeline-utils/monitoring";

const hours = { name: "hours", type: "number" } as const;

describe("profileColumn of a number", () => {
  test("equals pandas' describe and quantile", () => {
    // pandas.Series([2.5, 0, 7.25, 1, 1, 9, 4]).describe() and .quantile([.1, …, .9])
    expect(profileColumn([2.5, 0, 7.25, 1, 1, 9, 4, NaN], hours)).toEqual({
      type: "number",
      count: 7,
      nulls: 1,
      minimum: 0,
      maximum: 9,
      mean: 3.5357142857142856,
      standard_deviation: 3.423048627285611,
      median: 2.5,
      deciles: [
        0.6000000000000001, 1, 1.6000000000000005, 2.5, 3.3999999999999995, 4.649999999999998,
        6.600000000000002, 7.950000000000001,
      ],
      counts: [1, 2, 0, 1, 0, 1, 0, 1, 1],
    });
  });

  test("counts every row once, and a row on an edge to its left", () => {
    const values = Array.from({ length: 1_000 }, (_, i) => (i * 7_919) % 1_000);
    const profile = profileColumn(values, hours);
    expect(profile).toMatchObject({ type: "number", counts: Array.from({ length: 10 }, () => 100) });
  });

  test("keeps tied deciles once", () => {
    const profile = profileColumn([1, 1, 1, 1, 1, 1, 1, 1, 2, 3], hours);
    expect(profile).toMatchObject({
      deciles: [1, 1.2000000000000002, 2.0999999999999996],
      counts: [8, 0, 1, 1],
    });
  });

  test("rejects a column without values", () => {
    expect(() => profileColumn([NaN, NaN], hours)).toThrow("column hours has no values among 2 rows");
  });
});

describe("profileColumn of a category", () => {
  test("counts rows by name, and booleans as true and false", () => {
    const size = { name: "size", type: "category", categories: ["S", "M"] } as const;
    expect(profileColumn([1, 1, 0, NaN], size)).toEqual({
      type: "category",
      count: 3,
      nulls: 1,
      counts: { S: 1, M: 2 },
      other: 0,
    });
    expect(profileColumn([1, 0, 1], { name: "express", type: "boolean" })).toMatchObject({
      counts: { false: 1, true: 2 },
    });
    expect(() => profileColumn([2], size)).toThrow("column size holds 2, expected an index below 2");
  });

  test("keeps the most frequent values within 1 kB and sums up the others", () => {
    const categories = Array.from({ length: 300 }, (_, i) => `a category with a long name, number ${i}`);
    const rows = categories.flatMap((_, i) => Array.from({ length: i + 1 }, () => i));
    const profile = profileColumn(rows, { name: "c", type: "category", categories });
    expect(JSON.stringify(profile).length).toBeLessThan(1_000);
    if (profile.type === "number") {
      throw new Error("not a category's");
    }
    expect(profile.counts).toMatchObject({ "a category with a long name, number 299": 300 });
    const kept = Object.values(profile.counts).reduce((sum, count) => sum + count, 0);
    expect(kept + profile.other).toBe(rows.length);
  });
});

describe("typicalRow and trainedRange", () => {
  const features = [
    { name: "size", type: "category", categories: ["S", "M", "L"] },
    { name: "orders", type: "number", minimum: 0, integer: true },
    { name: "express", type: "boolean" },
  ] as const;
  const train = {
    columns: [Float64Array.of(0, 2, 2), Float64Array.of(1, 4, 400), Float64Array.of(1, 1, 0)],
    target: Float64Array.of(1, 2, 3),
  };
  const profile = profileModel({ features, target: hours, train, predictions: [1, 2] });

  test("returns medians and most frequent values", () => {
    expect(typicalRow(features, profile)).toEqual([2, 4, 1]);
    expect(trainedRange(features[1], profile)).toEqual([1, 400]);
  });

  test("returns values within the bounds when the profile is missing or useless", () => {
    for (const useless of [undefined, null, 5, { features: [] }, { features: { orders: { median: "4" } } }]) {
      expect(typicalRow(features, useless)).toEqual([0, 100, 0]);
      expect(trainedRange(features[1], useless)).toEqual([0, 100]);
    }
    expect(typicalRow([{ name: "a", type: "number", maximum: 7 }], undefined)).toEqual([7]);
    expect(trainedRange({ name: "a", type: "number", maximum: -7 }, undefined)).toEqual([-7, -7]);
  });
});
