import { expect, test } from "@jest/globals";
import { DecisionTreeRegressor } from "@ml-pipelines/decision-tree";

const regressor = new DecisionTreeRegressor().fit([[1, 2, 3, 4, 5, 6]], [0, 1, 10, 12, 20, 30]);

test("prints names, thresholds and values", () => {
  expect(
    new DecisionTreeRegressor({ maxDepth: 1 }).fit([[1, 2]], [0.25, -1]).exportText({ featureNames: ["a"] }),
  ).toBe("|--- a <= 1.50\n|   |--- value: [0.25]\n|--- a >  1.50\n|   |--- value: [-1.00]\n");
});

test("gives the depth of the branches that it does not print", () => {
  expect(regressor.exportText({ maxDepth: 0, decimals: 1 })).toBe(
    "|--- feature_0 <= 4.5\n|   |--- truncated branch of depth 3\n|--- feature_0 >  4.5\n|   |--- truncated branch of depth 2\n",
  );
});

test("rejects another number of names than of columns", () => {
  expect(() => regressor.exportText({ featureNames: ["a", "b"] })).toThrow(
    "featureNames must contain 1 elements, got 2",
  );
});

test("rejects an unknown option", () => {
  expect(() => regressor.exportText(Object.assign({ decimals: 1 }, { showWeights: true }))).toThrow(
    'option "showWeights" is unknown, expected featureNames, decimals, maxDepth',
  );
});

// From Python: format(value, f".{decimals}f").
test.each([
  [0.125, 2, "0.12"],
  [0.375, 2, "0.38"],
  [-512659.890625, 5, "-512659.89062"],
  [2.5, 0, "2"],
  [3.5, 0, "4"],
  [0.5, 0, "0"],
  [-0.5, 0, "-0"],
  [1.005, 2, "1.00"],
  [0.1, 20, "0.10000000000000000555"],
  [1e20, 1, "100000000000000000000.0"],
  [1e21, 2, "1000000000000000000000.00"],
  [-1.5e21, 0, "-1500000000000000000000"],
  [1.2345678901234567e30, 1, "1234567890123456708408451792896.0"],
])("prints %p with %p decimals as %s", (value, decimals, text) => {
  const leaf = new DecisionTreeRegressor().fit([[1]], [value]);
  expect(leaf.exportText({ decimals })).toBe(`|--- value: [${text}]\n`);
});
