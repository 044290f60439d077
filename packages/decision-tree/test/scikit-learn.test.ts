import { describe, expect, test } from "@jest/globals";
import { DecisionTreeRegressor, GridSearchCV } from "@ml-pipelines/decision-tree";
import { DATASETS, readFixture } from "./read-fixture.js";

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const FULL_GRID = {
  criterion: ["squared_error", "absolute_error"] as const,
  maxDepth: [...range(2, 10), null],
  minSamplesLeaf: range(2, 10),
  minSamplesSplit: range(2, 10),
};

describe.each(DATASETS)("the tree of dataset %s", (name) => {
  const { columns, labels, search, trees } = readFixture(name);

  test.each([
    ["r2", 0],
    ["neg_mean_absolute_error", 1],
  ] as const)(
    "has scikit-learn's %s at every stable point of the full grid, in every fold",
    async (scoring, row) => {
      const { cvResults } = await new GridSearchCV(new DecisionTreeRegressor(), FULL_GRID, {
        scoring,
        refit: false,
      }).fit(columns, labels);
      expect(cvResults.params).toHaveLength(1620);
      expect(search.points).toHaveLength(1620);
      let furthest = 0;
      search.points.forEach((scores, point) => {
        if (scores < 0) {
          return;
        }
        search.r2_and_neg_mae_per_fold[scores]![row]!.forEach((score, fold) => {
          furthest = Math.max(furthest, Math.abs(score - cvResults.splitTestScores[fold]![point]!));
        });
      });
      expect(furthest).toBeLessThan(1e-9);
    },
  );

  test.each(trees.filter((tree) => tree.stable))("equals scikit-learn's, node by node: case %#", (tree) => {
    const { criterion, max_depth = null, min_samples_leaf = 1, min_samples_split = 2 } = tree;
    const regressor = new DecisionTreeRegressor({
      criterion,
      maxDepth: max_depth,
      minSamplesLeaf: min_samples_leaf,
      minSamplesSplit: min_samples_split,
    }).fit(columns, labels);
    const grown = regressor.tree;
    const inner = (values: ArrayLike<number>) => Array.from(values).filter((_, id) => tree.feature[id]! >= 0);
    expect(Array.from(grown.left)).toEqual(tree.left);
    expect(Array.from(grown.right)).toEqual(tree.right);
    expect(Array.from(grown.count)).toEqual(tree.count);
    expect(inner(grown.feature)).toEqual(inner(tree.feature));
    expect(inner(grown.threshold)).toEqual(inner(tree.threshold));
    expectClose(grown.value, tree.value, 1e-12);
    // scikit-learn's own squared errors lose digits: it subtracts the square of the mean from the mean of squares.
    expectClose(grown.impurity, tree.impurity, 1e-9);
    expectClose(regressor.predict(columns), tree.predictions, 1e-12);
  });
});

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  const scale = Math.max(1, ...expected.map(Math.abs));
  expect(actual).toHaveLength(expected.length);
  expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)))).toBeLessThan(
    tolerance * scale,
  );
}
