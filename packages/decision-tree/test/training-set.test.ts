import { describe, expect, test } from "@jest/globals";
import { DecisionTreeRegressor } from "@ml-pipelines/decision-tree";
import { growTree } from "../src/growth.js";
import { sortCodedFeatures, sortTrainingSet, selectRows } from "../src/training-set.js";

const LABELS = Float64Array.of(30, 10, 20, 10);

describe("sortTrainingSet", () => {
  test("numbers rows by label and codes features of few values", () => {
    const { set, order } = sortTrainingSet([Float32Array.of(5, -1, 7, 5)], LABELS, undefined, 4);
    expect([...order]).toEqual([1, 3, 2, 0]);
    expect([...set.labels]).toEqual([10, 10, 20, 30]);
    expect(set.features).toEqual([
      { kind: "coded", values: Float32Array.of(-1, 5, 7), codes: Uint16Array.of(0, 1, 2, 1) },
    ]);
  });

  test.each([
    [1024, "coded"],
    [1025, "sorted"],
  ])("keeps a feature of %p values %s", (count, kind) => {
    const values = Float32Array.from({ length: count }, (_, i) => ((i * 389) % count) - 500.5);
    const { set } = sortTrainingSet([values], new Float64Array(count), undefined, 0);
    expect(set.features[0]?.kind).toBe(kind);
    const [feature] = sortCodedFeatures(set).features;
    if (feature?.kind !== "sorted") {
      throw new TypeError("not sorted");
    }
    expect([...feature.order].map((row) => feature.values[row])).toEqual([...values].sort((a, b) => a - b));
  });
});

test("sorts features instead of coding them when there are few rows", () => {
  const { set } = sortTrainingSet([Float32Array.of(5, -1, 7, 5)], LABELS, undefined, 5);
  // In the order of labels: -1 and 5 of label 10, 7 of label 20, 5 of label 30.
  expect(set.features).toEqual([
    { kind: "sorted", values: Float32Array.of(-1, 5, 7, 5), order: Int32Array.of(0, 1, 3, 2) },
  ]);
  const many = new Float32Array(4096);
  expect(sortTrainingSet([many.subarray(1)], new Float64Array(4095)).set.features[0]?.kind).toBe("sorted");
  expect(sortTrainingSet([many], new Float64Array(4096)).set.features[0]?.kind).toBe("coded");
});

describe("selectRows", () => {
  const count = 1100;
  const few = Float32Array.from({ length: count }, (_, i) => i % 7);
  const many = Float32Array.from({ length: count }, (_, i) => (i * 487) % count);
  const labels = Float64Array.from({ length: count }, (_, i) => (i * 101) % 50);

  test.each([
    ["the complement of a fold", [...labels.keys()].filter((row) => row < 20 || row >= 60)],
    ["the past of a time series", [...labels.keys()].slice(0, 300)],
    ["rows of any order, some of them twice", Array.from({ length: 2 * count }, (_, i) => (i * 37) % 900)],
  ])("returns a set that grows the tree of a set sorted anew, to the last bit, for %s", (_, rows) => {
    for (const [columns, minRowsToCode] of [[[few], 0] as const, [[few, many], Infinity] as const]) {
      const all = sortTrainingSet(columns, labels, undefined, minRowsToCode);
      const anew = sortTrainingSet(
        columns.map((column) => Float32Array.from(rows, (row) => column[row]!)),
        Float64Array.from(rows, (row) => labels[row]!),
        undefined,
        minRowsToCode,
      );
      const selected = selectRows(all, Int32Array.from(rows));
      for (const criterion of ["squared_error", "absolute_error"] as const) {
        const { params } = new DecisionTreeRegressor({ criterion });
        expect(growTree(selected, params)).toEqual(growTree(anew.set, params));
      }
    }
  });
});
