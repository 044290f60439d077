import { describe, expect, test } from "@jest/globals";
import {
  crossValidate,
  DecisionTreeRegressor,
  GridSearchCV,
  KFold,
  permutationImportance,
  TimeSeriesSplit,
} from "@ml-pipelines/decision-tree";
import { GROWTH_DATASETS, readFixture, readGrowth } from "./read-fixture.js";

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-9): void {
  const scale = Math.max(1, ...expected.map(Math.abs));
  expect(actual).toHaveLength(expected.length);
  expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)))).toBeLessThan(
    tolerance * scale,
  );
}

describe.each(GROWTH_DATASETS)("a tree of dataset %s", (name) => {
  const { columns, labels } = readFixture(name);
  const { weights, trees, paths, searches, validated } = readGrowth(name);

  test.each(trees)("equals scikit-learn's: weighted $weighted, $params", (expected) => {
    const { params, weighted, feature, threshold } = expected;
    const regressor = new DecisionTreeRegressor(params).fit(columns, labels, weighted ? weights : undefined);
    const { tree } = regressor;
    expect(Array.from(tree.feature)).toEqual(feature.map((column) => Math.max(-1, column)));
    expect(Array.from(tree.threshold)).toEqual(
      threshold.map((value, node) => (feature[node]! < 0 ? 0 : value)),
    );
    expect(Array.from(tree.count)).toEqual(expected.count);
    expect(Array.from(tree.weightedCount)).toEqual(expected.weightedCount);
    expect(Array.from(regressor.apply(columns))).toEqual(expected.apply);
    expectClose(tree.value, expected.value);
    expectClose(tree.impurity, expected.impurity);
    expectClose(regressor.featureImportances, expected.importances);
    expect(DecisionTreeRegressor.fromJSON(JSON.parse(JSON.stringify(regressor))).tree).toEqual(tree);
  });

  test.each(paths)("has scikit-learn's pruning path: weighted $weighted, $params", (expected) => {
    const { params, weighted, ccpAlphas, impurities } = expected;
    const regressor = new DecisionTreeRegressor({ ...params, ccpAlpha: 1 });
    const path = regressor.costComplexityPruningPath(columns, labels, weighted ? weights : undefined);
    expectClose(path.ccpAlphas, ccpAlphas);
    expectClose(path.impurities, impurities);
  });

  test.each(searches)(
    "has scikit-learn's scores in a search: $criterion, weighted $weighted",
    async (expected) => {
      const { criterion, weighted, grid, stable, scores } = expected;
      const cv = new TimeSeriesSplit({ nSplits: 3 });
      const search = new GridSearchCV(new DecisionTreeRegressor({ criterion }), grid, { cv, refit: false });
      await search.fit(columns, labels, weighted ? { sampleWeight: weights } : {});
      const { splitTestScores } = search.cvResults;
      const ofStable = (values: ArrayLike<number>) => Array.from(values).filter((_, point) => stable[point]);
      scores.forEach((column, fold) => {
        expect(column).toHaveLength(16);
        expectClose([0, ...ofStable(splitTestScores[fold]!)], [0, ...ofStable(column)]);
      });
    },
  );

  const params = { maxDepth: 4, minSamplesLeaf: 4 };

  test("has scikit-learn's scores in crossValidate", () => {
    const scoring = ["r2", "neg_mean_absolute_error"] as const;
    const { testScores, trainScores } = crossValidate(new DecisionTreeRegressor(params), columns, labels, {
      cv: new KFold({ nSplits: 4, shuffle: true, randomState: 11 }),
      scoring,
      returnTrainScore: true,
      sampleWeight: weights,
    });
    for (const one of scoring) {
      expectClose(testScores[one]!, validated.test[one]);
      expectClose(trainScores![one]!, validated.train[one]);
    }
  });

  test("has scikit-learn's importances by permutation", () => {
    const regressor = new DecisionTreeRegressor(params).fit(columns, labels);
    const { importances, importancesMean, importancesStd } = permutationImportance(
      regressor,
      columns,
      labels,
      {
        nRepeats: 3,
        randomState: 8,
      },
    );
    importances.forEach((losses, column) => {
      expectClose(losses, validated.importances[column]!);
    });
    expectClose(importancesMean, validated.importancesMean);
    expectClose(importancesStd, validated.importancesStd);
  });
});
