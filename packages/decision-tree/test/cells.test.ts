import { describe, expect, test } from "@jest/globals";
import { mergeEqualRows } from "../src/cells.js";
import { growTree } from "../src/growth.js";
import { sortCodedFeatures, sortTrainingSet } from "../src/training-set.js";

/** Two features of few values, many rows: 12 combinations. */
const rows = Array.from({ length: 120 }, (_, i) => i);
const columns = [Float32Array.from(rows, (i) => i % 3), Float32Array.from(rows, (i) => (i * 7) % 4)];
const labels = Float64Array.from(rows, (i) => (i % 3) * ((i * 7) % 4) + Math.sin(i) / 3);

describe("mergeEqualRows", () => {
  test("merges rows of equal features into cells with their number, mean and error", () => {
    const { set } = sortTrainingSet(columns, labels, undefined, 0);
    const { labels: means, cells, features } = mergeEqualRows(set);
    expect(cells?.counts).toEqual(new Int32Array(12).fill(10));
    expect(cells?.weights).toBe(cells?.counts);
    expect(features.map(({ values }) => [...values])).toEqual([
      [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2],
      [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3],
    ]);
    const inCell = [...labels].filter((_, row) => columns[0]![row] === 2 && columns[1]![row] === 3);
    const mean = inCell.reduce((sum, label) => sum + label, 0) / inCell.length;
    const error = inCell.reduce((sum, label) => sum + (label - mean) ** 2, 0);
    expect(means[11]).toBeCloseTo(mean, 12);
    expect(cells?.errors[11]).toBeCloseTo(error, 12);
  });

  test.each([1, 4, 15])(
    "grows the same tree as from single rows when a leaf has %p rows",
    (minSamplesLeaf) => {
      const { set } = sortTrainingSet(columns, labels, undefined, 0);
      const limits = {
        criterion: "squared_error",
        maxDepth: Infinity,
        minSamplesSplit: 2,
        minSamplesLeaf,
        minImpurityDecrease: 0,
        ccpAlpha: 0,
      } as const;
      const merged = growTree(set, limits);
      // Sorted features are not merged.
      const single = growTree(sortCodedFeatures(set), limits);
      for (const name of ["feature", "threshold", "left", "right", "count", "depth"] as const) {
        expect(merged[name]).toEqual(single[name]);
      }
      merged.value.forEach((value, node) => {
        expect(value).toBeCloseTo(single.value[node]!, 12);
        expect(merged.impurity[node]).toBeCloseTo(single.impurity[node]!, 12);
      });
    },
  );

  test("returns the same set when few rows are equal or a feature has many values", () => {
    const few = sortTrainingSet([Float32Array.of(0, 1, 2, 0)], Float64Array.of(1, 2, 3, 4), undefined, 0).set;
    expect(mergeEqualRows(few)).toBe(few);
    const sorted = sortCodedFeatures(sortTrainingSet(columns, labels, undefined, 0).set);
    expect(mergeEqualRows(sorted)).toBe(sorted);
  });
});
