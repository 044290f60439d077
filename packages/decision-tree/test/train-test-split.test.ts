import { describe, expect, test } from "@jest/globals";
import { trainTestSplit } from "@ml-pipelines/decision-tree";
import type { TrainTestSplitOptions } from "@ml-pipelines/decision-tree";
import { readSplits } from "./read-fixture.js";

describe("trainTestSplit", () => {
  test.each(readSplits().splits)(
    "returns scikit-learn's rows in its order: case %#",
    ({ options, train, test: held }) => {
      const split = trainTestSplit(options);
      expect(Array.from(split.train)).toEqual(train);
      expect(Array.from(split.test)).toEqual(held);
    },
  );

  test("takes a quarter of the rows by default, and accepts numbers as classes", () => {
    const split = trainTestSplit({ stratify: [10, 9, 10, 9, 9, 10, 9, 10], randomState: 1 });
    expect(split.test).toHaveLength(2);
    expect([...split.train, ...split.test].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("returns a number of training rows, and the rest as test rows", () => {
    const { train, test: held } = trainTestSplit({ rowCount: 10, trainSize: 0.79, randomState: 1 });
    expect([train.length, held.length]).toEqual([7, 3]);
  });

  test.each<[TrainTestSplitOptions, string]>([
    [{ randomState: 1 }, "rowCount is undefined, expected the number of rows"],
    [{ rowCount: 10 }, "randomState is undefined, expected a seed, which a split that shuffles needs"],
    [{ rowCount: 3, stratify: ["a", "a"], randomState: 1 }, "stratify has 2 rows, expected rowCount, 3"],
    [{ rowCount: 9, shuffle: false, randomState: 1 }, "shuffle is false, so that randomState has no effect"],
    [{ stratify: [1, 1], shuffle: false }, "shuffle is false, so that stratify has no effect"],
    [
      { rowCount: 10, trainSize: 0.8, testSize: 3, randomState: 1 },
      "trainSize and testSize are 8 and 3 rows, more than the 10 there are",
    ],
    [{ rowCount: 10, ...{ seed: 1 } }, 'option "seed" is unknown, expected stratify, rowCount,'],
  ])("rejects %p", (options, message) => {
    expect(() => trainTestSplit(options)).toThrow(message);
  });

  test("rejects a class of one row", () => {
    expect(() => trainTestSplit({ stratify: ["a", "a", "b"], testSize: 2, randomState: 0 })).toThrow(
      "The least populated class has only 1 member; every class needs at least 2",
    );
  });

  test("rejects a part with fewer rows than classes", () => {
    const stratify = ["a", "a", "b", "b", "c", "c"];
    expect(() => trainTestSplit({ stratify, testSize: 2, randomState: 0 })).toThrow(
      "The test set of 2 rows should have at least as many rows as classes, 3",
    );
    expect(() => trainTestSplit({ stratify, testSize: 4, randomState: 0 })).toThrow(
      "The train set of 2 rows should have at least as many rows as classes, 3",
    );
  });

  test.each([0, 1.5, -0.1, Number.NaN, 6, 1.0000001])("rejects testSize %p", (testSize) => {
    const stratify = ["a", "a", "a", "b", "b", "b"];
    expect(() => trainTestSplit({ stratify, testSize, randomState: 0 })).toThrow(
      `testSize is ${testSize}, expected a part in (0, 1) or a number of rows from 1 to 5, of 6 rows`,
    );
  });

  test("rejects a training set without rows", () => {
    expect(() => trainTestSplit({ stratify: ["a", "a"], testSize: 0.99, randomState: 0 })).toThrow(
      "With 2 rows in the test set, the training set would be empty",
    );
  });

  test.each([-1, 0.5, 4294967296, Number.NaN])("rejects seed %p", (randomState) => {
    expect(() => trainTestSplit({ stratify: ["a", "a", "b", "b"], testSize: 0.5, randomState })).toThrow(
      `seed is ${randomState}, expected an integer from 0 to 4294967295`,
    );
  });
});
