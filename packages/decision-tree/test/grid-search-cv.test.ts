import { describe, expect, jest, test } from "@jest/globals";
import {
  DecisionTreeRegressor,
  DummyRegressor,
  GridSearchCV,
  KFold,
  meanAbsoluteError,
  r2Score,
} from "@ml-pipelines/decision-tree";
import type { Column } from "@ml-pipelines/decision-tree";
import { readExactFeatures, readLabels } from "../src/column.js";
import { summariseScores } from "../src/cv-results.js";
import { readFixture } from "./read-fixture.js";

const { columns, labels } = readFixture("tiny");
const GRID = {
  criterion: ["absolute_error", "squared_error"] as const,
  maxDepth: [null, 1, 3],
  minSamplesLeaf: [1, 2, 3],
  minSamplesSplit: [2, 5, 8],
};
const take = (values: readonly number[], rows: Int32Array) => Array.from(rows, (row) => values[row]!);

describe("GridSearchCV", () => {
  test.each([
    ["r2", r2Score],
    ["neg_mean_absolute_error", (a: number[], b: Float64Array) => -meanAbsoluteError(a, b)],
  ] as const)("scores each point as a fit of its own does: %s", async (scoring, score) => {
    const search = await new GridSearchCV(new DecisionTreeRegressor(), GRID, { cv: 4, scoring }).fit(
      columns,
      labels,
    );
    const { params, splitTestScores } = search.cvResults;
    new KFold({ nSplits: 4 }).split(labels.length).forEach(({ train, test: held }, fold) => {
      params.forEach((point, index) => {
        const tree = new DecisionTreeRegressor(point).fit(
          columns.map((column) => take(column, train)),
          take(labels, train),
        );
        const predictions = tree.predict(columns.map((column) => take(column, held)));
        expect(splitTestScores[fold]![index]).toBeCloseTo(score(take(labels, held), predictions), 12);
      });
    });
  });

  test("lists points in scikit-learn's order, with the last name varying fastest", async () => {
    const search = new GridSearchCV(new DecisionTreeRegressor(), {
      minSamplesSplit: [2, 3],
      maxDepth: [1, 2],
    });
    const { cvResults } = await search.fit(columns, labels);
    expect(cvResults.params).toEqual([
      { maxDepth: 1, minSamplesSplit: 2 },
      { maxDepth: 1, minSamplesSplit: 3 },
      { maxDepth: 2, minSamplesSplit: 2 },
      { maxDepth: 2, minSamplesSplit: 3 },
    ]);
  });

  test("tries the estimator unchanged when the grid is empty", async () => {
    const search = new GridSearchCV(new DecisionTreeRegressor({ maxDepth: 2 }), {});
    await search.fit(columns, labels);
    expect(search.cvResults.params).toEqual([{}]);
    expect(search.bestEstimator.params.maxDepth).toBe(2);
  });

  test("rejects a search whose scores are all NaN, by the fold and the reason", async () => {
    const search = new GridSearchCV(new DummyRegressor(), { strategy: ["mean", "median"] }, { cv: 3 });
    await expect(search.fit([[1, 2, 3, 4]], [4, 5, 7, 8])).rejects.toThrow(
      "every point has a mean score of NaN: in fold 1, r2 needs two test rows or more, and there is 1",
    );
    const trees = new GridSearchCV(new DecisionTreeRegressor(), { maxDepth: [1, 2] }, { cv: 15 });
    await expect(trees.fit(columns, labels)).rejects.toThrow(
      "every point has a mean score of NaN: in fold 0, r2 needs two test rows or more, and there is 1",
    );
    expect(() => trees.bestIndex).toThrow("This GridSearchCV instance is not fitted yet");
  });

  test("selects the first of equal points and fits it on all rows", async () => {
    const search = await new GridSearchCV(new DecisionTreeRegressor(), GRID).fit(columns, labels);
    const { meanTestScore, rankTestScore } = search.cvResults;
    const best = Math.max(...meanTestScore);
    expect(search.bestScore).toBe(best);
    expect(search.bestIndex).toBe(meanTestScore.indexOf(best));
    expect(rankTestScore[search.bestIndex]).toBe(1);
    expect(search.bestEstimator.params).toMatchObject(search.bestParams);
    expect(search.bestEstimator.tree).toEqual(
      new DecisionTreeRegressor(search.bestParams).fit(columns, labels).tree,
    );
  });

  test("reports progress up to the number of fits", async () => {
    const seen: number[] = [];
    const total = 54 * 5;
    await new GridSearchCV(new DecisionTreeRegressor(), GRID, {
      onProgress: (progress) => {
        expect(progress.total).toBe(total);
        seen.push(progress.completed);
      },
    }).fit(columns, labels);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(total);
  });

  test("stops with the signal's reason when its signal is aborted", async () => {
    const controller = new AbortController();
    const search = new GridSearchCV(new DecisionTreeRegressor(), GRID, {
      signal: controller.signal,
      onProgress: ({ completed }) => {
        if (completed > 9) {
          controller.abort(new Error("enough"));
        }
      },
    });
    await expect(search.fit(columns, labels)).rejects.toThrow("enough");
    expect(() => search.cvResults).toThrow("This GridSearchCV instance is not fitted yet: call fit first");
  });

  test("rejects an aborted signal before any fit", async () => {
    const search = new GridSearchCV(new DecisionTreeRegressor(), GRID, { signal: AbortSignal.abort() });
    await expect(search.fit(columns, labels)).rejects.toThrow("This operation was aborted");
  });

  test("has no best estimator without refit", async () => {
    const search = await new GridSearchCV(new DecisionTreeRegressor(), GRID, { refit: false }).fit(
      columns,
      labels,
    );
    expect(search.bestScore).toBeLessThan(1);
    expect(() => search.bestEstimator).toThrow("This GridSearchCV with refit instance is not fitted yet");
  });

  test("searches a subclass by its own fit and predict, on unchanged features", async () => {
    const seen = new Set<number>();
    class Doubled extends DecisionTreeRegressor {
      override withParams(params: object) {
        return new Doubled({ ...this.params, ...params });
      }
      override predict(features: readonly Column[]) {
        return super.predict(features).map((value) => 2 * value);
      }
      override fit(features: readonly Column[], y: Column) {
        for (const feature of readExactFeatures(features, readLabels(y).length)) {
          for (const value of feature) {
            seen.add(value);
          }
        }
        return super.fit(features, y);
      }
    }
    const time = [1.7e12, 1.7e12 + 1, 1.7e12 + 2, 1.7e12 + 3];
    const search = await new GridSearchCV(
      new Doubled(),
      {},
      { cv: 2, scoring: "neg_mean_absolute_error" },
    ).fit([time], [3, 3, 3, 3]);
    expect(search.bestScore).toBe(-3);
    expect(search.bestEstimator).toBeInstanceOf(Doubled);
    expect([...seen].sort()).toEqual(time);
  });

  test.each<[object, string]>([
    [
      { cv: null },
      "cv is null, expected a number of folds, an object with split, or a list of { train, test }",
    ],
    [{ cv: 1.5 }, "nSplits is 1.5, expected an integer of at least 2"],
    [{ nJobs: 2 }, 'option "nJobs" is unknown, expected cv, scoring, refit, onProgress, signal'],
    [{ returnTrainScore: true }, 'option "returnTrainScore" is unknown'],
    [[5], "options is [ 5 ], expected an object with any of cv, scoring, refit, onProgress, signal"],
  ])("rejects the options %p", (options, message) => {
    expect(() => new GridSearchCV(new DecisionTreeRegressor(), GRID, options)).toThrow(message);
  });

  test("scores by a function of the fitted estimator, and predicts and scores by the best", async () => {
    const scoring = (tree: DecisionTreeRegressor, x: readonly Column[], y: Float64Array) =>
      -meanAbsoluteError(y, tree.predict(x));
    const named = new GridSearchCV(new DecisionTreeRegressor(), GRID, { scoring: "neg_mean_absolute_error" });
    const own = new GridSearchCV(new DecisionTreeRegressor(), GRID, { scoring });
    await Promise.all([named.fit(columns, labels), own.fit(columns, labels)]);
    expect(own.bestParams).toEqual(named.bestParams);
    own.cvResults.meanTestScore.forEach((mean, point) => {
      expect(mean).toBeCloseTo(named.cvResults.meanTestScore[point]!, 12);
    });
    expect(own.predict(columns)).toEqual(own.bestEstimator.predict(columns));
    expect(own.score(columns, labels)).toBe(-meanAbsoluteError(labels, own.predict(columns)));
    expect(named.score(columns, labels)).toBe(own.score(columns, labels));
  });

  test("warns of points whose score is NaN, and never selects them", async () => {
    const warnings: unknown[] = [];
    const warn = jest.spyOn(process, "emitWarning").mockImplementation((...given: unknown[]) => {
      warnings.push(given);
    });
    const scoring = (tree: DecisionTreeRegressor) => (tree.params.maxDepth === 1 ? NaN : -Infinity);
    const search = new GridSearchCV(new DecisionTreeRegressor(), { maxDepth: [1, 2] }, { scoring });
    await search.fit(columns, labels);
    warn.mockRestore();
    expect(search.bestParams).toEqual({ maxDepth: 2 });
    expect(warnings).toEqual([
      [
        "1 of 2 points have a mean score of NaN and are never the best. " +
          'The first is {"maxDepth":1}: in fold 0, the scoring returned NaN',
        "SearchScores",
      ],
    ]);
  });

  test("scores points with weights, costs and shares as a fit of its own does", async () => {
    const grid = {
      criterion: ["absolute_error", "squared_error"] as const,
      maxDepth: [null, 2],
      minSamplesLeaf: [0.1, 0.2, 2],
      minSamplesSplit: [0.5, 3],
      minImpurityDecrease: [0, 0.1],
      ccpAlpha: [0, 0.05],
    };
    const sampleWeight = labels.map((_, row) => [0, 1, 2, 0.5][row % 4]!);
    const options = { cv: 3, scoring: "neg_mean_absolute_error" } as const;
    const search = new GridSearchCV(new DecisionTreeRegressor(), grid, options);
    await search.fit(columns, labels, { sampleWeight });
    const { params, splitTestScores } = search.cvResults;
    new KFold({ nSplits: 3 }).split(labels.length).forEach(({ train, test: held }, fold) => {
      params.forEach((point, index) => {
        const tree = new DecisionTreeRegressor(point).fit(
          columns.map((column) => take(column, train)),
          take(labels, train),
          take(sampleWeight, train),
        );
        const predictions = tree.predict(columns.map((column) => take(column, held)));
        const score = -meanAbsoluteError(take(labels, held), predictions);
        expect(splitTestScores[fold]![index]).toBeCloseTo(score, 12);
      });
    });
    expect(search.bestEstimator.tree).toEqual(
      new DecisionTreeRegressor(search.bestParams).fit(columns, labels, sampleWeight).tree,
    );
  });

  test("rejects a fold whose training rows all have weight 0, and an unknown option of fit", async () => {
    const search = new GridSearchCV(
      new DecisionTreeRegressor(),
      {},
      { cv: [{ train: [0, 1], test: [2, 3] }] },
    );
    const sampleWeight = labels.map((_, row) => (row < 2 ? 0 : 1));
    await expect(search.fit(columns, labels, { sampleWeight })).rejects.toThrow(
      "sampleWeight is 0 in all training rows of a fold",
    );
    const options = Object.assign({ sampleWeight }, { weights: sampleWeight });
    await expect(search.fit(columns, labels, options)).rejects.toThrow(
      'option "weights" is unknown, expected groups, sampleWeight',
    );
  });

  test("rejects more folds than rows", async () => {
    const search = new GridSearchCV(new DecisionTreeRegressor(), GRID, { cv: 16 });
    await expect(search.fit(columns, labels)).rejects.toThrow(
      "Cannot have number of splits nSplits=16 greater than the number of samples: n=15",
    );
  });

  test("rejects missing and invalid values of a parameter before any fit", () => {
    const tree = new DecisionTreeRegressor();
    expect(() => new GridSearchCV(tree, { maxDepth: [] })).toThrow(
      "Parameter grid for parameter maxDepth needs a non-empty array of values",
    );
    expect(() => new GridSearchCV(tree, { minSamplesLeaf: [1, 0] })).toThrow(
      "minSamplesLeaf is 0, expected an integer of at least 1",
    );
  });
});

test("ranks equal mean scores alike, and NaN below every number", () => {
  const params = [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }, { a: 5 }];
  const results = summariseScores(params, [
    Float64Array.of(1, 3, 1, NaN, -Infinity),
    Float64Array.of(3, 4, 3, 9, 0),
  ]);
  expect(results.params).toBe(params);
  expect(Array.from(results.meanTestScore)).toEqual([2, 3.5, 2, NaN, -Infinity]);
  expect(Array.from(results.stdTestScore)).toEqual([1, 0.5, 1, NaN, NaN]);
  expect(Array.from(results.rankTestScore)).toEqual([2, 1, 2, 5, 4]);
});
