import { DecisionTreeRegressor, GridSearchCV } from "@ml-pipelines/decision-tree";
import { expect, test } from "@jest/globals";
import { summariseSearch } from "../src/search-tree.js";

test("names the best point, the number as good, and the runner-up", async () => {
  const x = Float64Array.from({ length: 40 }, (_, row) => row);
  const grid = { maxDepth: [1, 2, 20, null] };
  const search = await new GridSearchCV(new DecisionTreeRegressor(), grid, { cv: 4 }).fit([x], x);
  const summary = summariseSearch(search);
  expect(summary).toMatchObject({ scoring: "r2", folds: 4, points: 4, points_as_good_as_best: 2 });
  expect(summary.best.params).toEqual({ maxDepth: 20 });
  expect(summary.best.split_test_scores).toHaveLength(4);
  expect(summary.runner_up?.params).toEqual({ maxDepth: 2 });
  expect(summary.runner_up?.mean_test_score).toBeLessThan(summary.best.mean_test_score);
});

test("names no runner-up when the grid has one point", async () => {
  const x = Float64Array.from({ length: 40 }, (_, row) => row);
  const search = await new GridSearchCV(new DecisionTreeRegressor(), { maxDepth: [3] }, { cv: 4 }).fit(
    [x],
    x,
  );
  expect(summariseSearch(search)).not.toHaveProperty("runner_up");
});
