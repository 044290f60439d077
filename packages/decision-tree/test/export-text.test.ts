import { expect, test } from "@jest/globals";
import { DecisionTreeRegressor } from "../src/decision-tree-regressor.js";

const regressor = new DecisionTreeRegressor().fit([[1, 2, 3, 4, 5, 6]], [0, 1, 10, 12, 20, 30]);

test("prints names, thresholds and values", () => {
  expect(
    new DecisionTreeRegressor({ maxDepth: 1 }).fit([[1, 2]], [0.25, -1]).exportText({ featureNames: ["a"] }),
  ).toBe("|--- a <= 1.50\n|   |--- value: [0.25]\n|--- a >  1.50\n|   |--- value: [-1.00]\n");
});

test("tells how deep the branches are that it does not print", () => {
  expect(regressor.exportText({ maxDepth: 0, decimals: 1 })).toBe(
    "|--- feature_0 <= 4.5\n|   |--- truncated branch of depth 3\n|--- feature_0 >  4.5\n|   |--- truncated branch of depth 2\n",
  );
});

test("refuses another number of names than of columns", () => {
  expect(() => regressor.exportText({ featureNames: ["a", "b"] })).toThrow(
    "featureNames must contain 1 elements, got 2",
  );
});
