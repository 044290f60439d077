import { describe, expect, test } from "@jest/globals";
import { DecisionTreeRegressor } from "@ml-pipelines/decision-tree";
import { DATASETS, readFixture } from "./read-fixture.js";

const X = [
  [1, 2, 3, 4],
  [0, 0, 1, 1],
];
const y = [0, 1, 10, 12];

describe("DecisionTreeRegressor", () => {
  test("has scikit-learn's defaults", () => {
    expect(new DecisionTreeRegressor().params).toEqual({
      criterion: "squared_error",
      maxDepth: null,
      minSamplesSplit: 2,
      minSamplesLeaf: 1,
      minImpurityDecrease: 0,
      ccpAlpha: 0,
    });
  });

  test("fits, predicts, scores, and describes its tree", () => {
    const regressor = new DecisionTreeRegressor().fit(X, y);
    expect(Array.from(regressor.predict(X))).toEqual(y);
    expect(regressor.score(X, y)).toBe(1);
    expect(regressor.depth).toBe(2);
    expect(regressor.nLeaves).toBe(4);
    expect(Array.from(regressor.decisionPath([3, 1]))).toEqual([0, 4, 5]);
    expect(Array.from(regressor.featureImportances)).toEqual([1, 0]);
  });

  test("predicts medians when the criterion is absolute_error", () => {
    const regressor = new DecisionTreeRegressor({ criterion: "absolute_error", maxDepth: 1 });
    expect(Array.from(regressor.fit([[1, 2, 3, 4, 5, 6]], [0, 1, 8, 10, 11, 90]).predict([[1, 6]]))).toEqual([
      8, 90,
    ]);
  });

  test("sends a value on the threshold left and compares values as 32-bit floats", () => {
    const regressor = new DecisionTreeRegressor().fit([[1, 2]], [10, 20]);
    expect(Array.from(regressor.predict([[1.5, 1.5 + 1e-9, 1.5 + 1e-6]]))).toEqual([10, 10, 20]);
  });

  test("keeps values together that scikit-learn treats as equal", () => {
    const next = 1 + 2 ** -23;
    expect(new DecisionTreeRegressor().fit([[1, next]], [0, 1]).nLeaves).toBe(1);
    expect(new DecisionTreeRegressor().fit([[2, 2 * next]], [0, 1]).nLeaves).toBe(2);
    expect(new DecisionTreeRegressor().fit([[1e-8, 2e-8]], [0, 1]).nLeaves).toBe(1);
  });

  test.each(DATASETS)(
    "returns scikit-learn's importances, depth and text where the trees agree: %s",
    (name) => {
      const { columns, labels, trees } = readFixture(name);
      for (const {
        stable,
        criterion,
        min_samples_leaf,
        min_samples_split,
        max_depth,
        ...expected
      } of trees) {
        if (!stable) {
          continue;
        }
        const regressor = new DecisionTreeRegressor({
          criterion,
          minSamplesLeaf: min_samples_leaf ?? 1,
          minSamplesSplit: min_samples_split ?? 2,
          maxDepth: max_depth ?? null,
        }).fit(columns, labels);
        expect(regressor.depth).toBe(expected.depth);
        expect(regressor.exportText({ decimals: 5 })).toBe(expected.text);
        regressor.featureImportances.forEach((importance, column) => {
          expect(importance).toBeCloseTo(expected.importances[column]!, 9);
        });
      }
    },
  );
});

describe("DecisionTreeRegressor.fit", () => {
  test("grows a leaf from one row", () => {
    const regressor = new DecisionTreeRegressor().fit([[5]], [7]);
    expect(regressor.nLeaves).toBe(1);
    expect(Array.from(regressor.predict([[1, 2, 3]]))).toEqual([7, 7, 7]);
    expect(Array.from(regressor.featureImportances)).toEqual([0]);
    expect(regressor.score([[5]], [7])).toBeNaN();
  });

  test("grows a leaf from constant columns", () => {
    expect(
      new DecisionTreeRegressor().fit(
        [
          [5, 5, 5],
          [1, 1, 1],
        ],
        [1, 2, 6],
      ).nLeaves,
    ).toBe(1);
  });

  test.each([0.1, 1e6 + 0.1, -1e140, 5e-324])("predicts exactly %p when all labels are", (label) => {
    for (const criterion of ["squared_error", "absolute_error"] as const) {
      const labels = new Array<number>(9).fill(label);
      const regressor = new DecisionTreeRegressor({ criterion }).fit([[1, 2, 3, 4, 5, 6, 7, 8, 9]], labels);
      expect(regressor.nLeaves).toBe(1);
      expect(regressor.predict([[4]])[0]).toBe(label);
      expect(regressor.score([[1, 2, 3, 4, 5, 6, 7, 8, 9]], labels)).toBe(1);
    }
  });

  test.each(["squared_error", "absolute_error"] as const)(
    "splits labels of the largest allowed size where they change: %s",
    (criterion) => {
      const column = Float64Array.from({ length: 100_000 }, (_, row) => row);
      const labels = column.map((row) => (row < 70_000 ? 1e140 : -1e140));
      const { tree } = new DecisionTreeRegressor({ criterion, maxDepth: 1 }).fit([column], labels);
      expect(tree.threshold[0]).toBe(69_999.5);
    },
  );

  test("tells labels of the largest allowed size apart", () => {
    const regressor = new DecisionTreeRegressor().fit([[1, 2, 3]], [1e140, -1e140, 0]);
    expect(Array.from(regressor.predict([[1, 2, 3]]))).toEqual([1e140, -1e140, 0]);
  });

  test("splits small noise on a large offset exactly", () => {
    const noise = [0, 1, 4, 9, 16, 25];
    const labels = noise.map((value) => 1e12 + value / 1024);
    const regressor = new DecisionTreeRegressor().fit([[1, 2, 3, 4, 5, 6]], labels);
    expect(Array.from(regressor.predict([[1, 2, 3, 4, 5, 6]]))).toEqual(labels);
  });

  test("grows, prints and stores thousands of levels without recursion", () => {
    const size = 3_001;
    const x = Float64Array.from({ length: size }, (_, i) => i);
    // Each label outweighs all before it, so every split takes one row off.
    const labels = x.map((i) => 1.5 ** (i / 5) * (i % 2 === 0 ? 1 : -1));
    const regressor = new DecisionTreeRegressor().fit([x], labels);
    expect(regressor.depth).toBeGreaterThan(1000);
    expect(DecisionTreeRegressor.fromJSON(JSON.parse(JSON.stringify(regressor))).depth).toBe(regressor.depth);
    expect(regressor.exportText({ maxDepth: 2 })).toContain("truncated branch of depth");
    expect(() => regressor.toMlCart()).toThrow("more than the 1000 that ml-cart's recursion takes");
  });
});

describe("invalid input to DecisionTreeRegressor", () => {
  test.each([
    [{ maxDepth: 0 }, "maxDepth is 0, expected an integer of at least 1 or null"],
    [{ maxDepth: 2.5 }, "maxDepth is 2.5, expected an integer of at least 1 or null"],
    [{ minSamplesSplit: 1 }, "minSamplesSplit is 1, expected an integer of at least 2"],
    [{ minSamplesLeaf: Number.NaN }, "minSamplesLeaf is NaN, expected an integer of at least 1"],
    [
      { minSamplesLeaf: 1.5 },
      "minSamplesLeaf is 1.5, expected an integer of at least 1 or a share in (0, 1)",
    ],
    [{ minSamplesSplit: 0 }, "minSamplesSplit is 0, expected an integer of at least 2 or a share in (0, 1)"],
    [{ ccpAlpha: -1 }, "ccpAlpha is -1, expected a finite number of at least 0"],
    [{ minImpurityDecrease: "0" }, 'minImpurityDecrease is "0", expected a finite number of at least 0'],
    [{ criterion: "gini" }, 'criterion is "gini", expected "squared_error" or'],
    [{ depth: 3 }, 'option "depth" is unknown, expected criterion, maxDepth,'],
  ])("rejects the parameters %p", (params, message) => {
    expect((): unknown => Reflect.construct(DecisionTreeRegressor, [params])).toThrow(message);
  });

  test("rejects another number of labels than of rows", () => {
    expect(() => new DecisionTreeRegressor().fit(X, [1, 2])).toThrow("X column 0 has 4 rows, expected 2");
  });

  test("rejects another number of columns than in training", () => {
    expect(() => new DecisionTreeRegressor().fit(X, y).predict([[1]])).toThrow(
      "X has 1 features, but DecisionTreeRegressor is expecting 2 features as input",
    );
  });

  test("rejects predictions before fit", () => {
    expect(() => new DecisionTreeRegressor().predict(X)).toThrow(
      "This DecisionTreeRegressor instance is not fitted yet: call fit first",
    );
  });
});
