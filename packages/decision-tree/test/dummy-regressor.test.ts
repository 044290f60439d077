import { describe, expect, test } from "@jest/globals";
import { DummyRegressor, GridSearchCV } from "@ml-pipelines/decision-tree";

describe("DummyRegressor", () => {
  test("predicts the mean whatever the features are", () => {
    const dummy = new DummyRegressor().fit([[1, 2, 3]], [0, 1, 5]);
    expect(Array.from(dummy.predict([[9, 9]]))).toEqual([2, 2]);
    expect(dummy.score([[1, 2, 3]], [0, 1, 5])).toBe(0);
  });

  test.each([
    [[0, 5, 1], 1],
    [[0, 5, 1, 2], 1.5],
  ])("predicts the median of %p", (labels, median) => {
    const dummy = new DummyRegressor({ strategy: "median" }).fit([labels], labels);
    expect(dummy.predict([[7]])[0]).toBe(median);
  });

  // From scikit-learn 1.2.1.
  test.each([
    ["mean", [3, 1, 0, 1], 2.2],
    ["median", [3, 1, 0, 1], 0],
    ["median", [1, 1, 1, 1], 2],
    ["median", [0, 0, 1, 3], 9],
  ] as const)("predicts the weighted %s with weights %p", (strategy, weights, answer) => {
    const dummy = new DummyRegressor({ strategy }).fit([[1, 2, 3, 4]], [0, 2, 5, 9], weights);
    expect(dummy.predict([[7]])[0]).toBeCloseTo(answer, 12);
  });

  test("accepts a grid search like any estimator", async () => {
    const labels = [0, 0, 0, 9, 0, 0, 0, 9];
    const search = new GridSearchCV(
      new DummyRegressor(),
      { strategy: ["mean", "median"] },
      { cv: 2, scoring: "neg_mean_absolute_error" },
    );
    await search.fit([labels], labels);
    expect(search.bestParams).toEqual({ strategy: "median" });
    expect(search.bestScore).toBe(-2.25);
    expect(Array.from(search.cvResults.meanTestScore)).toEqual([-3.375, -2.25]);
    expect(search.bestEstimator.predict([[1]])[0]).toBe(0);
  });

  test("rejects an unknown strategy, and predictions before fit", () => {
    expect((): unknown => Reflect.construct(DummyRegressor, [{ strategy: "mode" }])).toThrow(
      'strategy is "mode", expected "mean" or "median"',
    );
    expect((): unknown => Reflect.construct(DummyRegressor, [{ quantile: 0.5 }])).toThrow(
      'option "quantile" is unknown, expected strategy',
    );
    expect(() => new DummyRegressor().predict([[1]])).toThrow(
      "This DummyRegressor instance is not fitted yet",
    );
  });
});
