import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  DecisionTreeRegressor,
  DummyRegressor,
  GridSearchCV,
  KFold,
  r2Score,
} from "@ml-pipelines/decision-tree";
import type { FoldLike, Splitter } from "@ml-pipelines/decision-tree";
import { readFixture } from "./read-fixture.js";

const RUNS = Number(process.env.FAST_CHECK_RUNS ?? 100);
const { columns, labels } = readFixture("orders");
const GRID = {
  criterion: ["squared_error", "absolute_error"] as const,
  maxDepth: [2, null],
  minSamplesLeaf: [1, 4],
};
const take = (values: readonly number[], rows: ArrayLike<number>) => Array.from(rows, (row) => values[row]!);

async function scoresOf(cv: number | Splitter | readonly FoldLike[]) {
  const search = new GridSearchCV(new DecisionTreeRegressor(), GRID, { cv, refit: false });
  return (await search.fit(columns, labels)).cvResults;
}

const rowsOf = (minLength: number) =>
  fc.array(fc.integer({ min: 0, max: labels.length - 1 }), { minLength, maxLength: 60 });

describe("a search over folds", () => {
  test("scores a point as a fit on the training rows does, whatever the rows are", async () => {
    await fc.assert(
      fc.asyncProperty(rowsOf(1), rowsOf(2), async (train, held) => {
        const { params, splitTestScores } = await scoresOf([{ train, test: held }]);
        params.forEach((point, index) => {
          const tree = new DecisionTreeRegressor(point).fit(
            columns.map((column) => take(column, train)),
            take(labels, train),
          );
          const predictions = tree.predict(columns.map((column) => take(column, held)));
          const expected = r2Score(take(labels, held), predictions);
          const actual = splitTestScores[0]![index]!;
          expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(expected)));
        });
      }),
      { numRuns: RUNS },
    );
  });

  test("returns the same bits as a number, a splitter, or a list in another order", async () => {
    const expected = await scoresOf(4);
    const folds = new KFold({ nSplits: 4 }).split(labels.length);
    const backwards = folds.map(({ train, test: held }) => ({ train: train.toReversed(), test: [...held] }));
    for (const cv of [new KFold({ nSplits: 4 }), folds, backwards, { split: () => folds.values() }]) {
      expect(await scoresOf(cv)).toEqual(expected);
    }
  });

  test("passes rows, labels and groups to a splitter", async () => {
    const seen: unknown[] = [];
    const cv: Splitter = {
      split(...given) {
        seen.push(...given);
        return [{ train: [0, 1], test: [2, 3] }];
      },
    };
    const groups = ["a", "a", "b", "b"];
    await new GridSearchCV(new DummyRegressor(), {}, { cv }).fit([[1, 2, 3, 4]], [1, 2, 3, 5], { groups });
    expect(seen).toEqual([4, Float64Array.of(1, 2, 3, 5), groups]);
  });

  test("trains on rows that end before the test rows begin, as for a time series", async () => {
    const x = Float64Array.from({ length: 60 }, (_, i) => i);
    const y = x.map((value) => value + Math.sin(value));
    const rows = Int32Array.from(x);
    const folds = [12, 24, 36, 48].map((start) => ({
      train: rows.subarray(0, start),
      test: rows.subarray(start, start + 12),
    }));
    const search = await new GridSearchCV(
      new DecisionTreeRegressor(),
      { maxDepth: [2, 5] },
      { cv: folds },
    ).fit([x], y);
    // From scikit-learn 1.2.1.
    const expected = [-4.774, -4.17, -3.461, -2.901];
    search.cvResults.splitTestScores.forEach((scores, fold) => {
      expect(scores[1]).toBeCloseTo(expected[fold]!, 3);
    });
  });

  test.each<[FoldLike[], string]>([
    [[], "cv has no folds"],
    [[{ train: [0, 1], test: [] }], "fold 0: test has no rows"],
    [[{ train: [0, 240], test: [1, 2] }], "fold 0: train[1] is 240, expected a row position from 0 to 239"],
    [
      [
        { train: [0, 1], test: [2, 3] },
        { train: [0, 1], test: [2, -1] },
      ],
      "fold 1: test[1] is -1, expected a row position from 0 to 239",
    ],
    [[{ train: [0.5], test: [1, 2] }], "fold 0: train[0] is 0.5, expected a row position"],
  ])("rejects a list of folds: case %#", async (cv, message) => {
    await expect(scoresOf(cv)).rejects.toThrow(message);
  });

  test("rejects a fold without a part, and for groups of another length", async () => {
    const broken: Splitter = { split: () => [Object.assign({ train: [1], test: [2] }, { test: undefined })] };
    await expect(scoresOf(broken)).rejects.toThrow(
      "fold 0 is { train: [Array], test: undefined }, expected an object",
    );
    const search = new GridSearchCV(new DummyRegressor(), {});
    await expect(search.fit([[1, 2]], [1, 2], { groups: [1] })).rejects.toThrow(
      "groups has 1 rows, expected 2",
    );
  });
});
