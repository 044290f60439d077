import { describe, expect, test } from "@jest/globals";
import { KFold } from "@ml-pipelines/decision-tree";

describe("KFold", () => {
  test("returns folds of neighbouring rows, the first ones longer by one", () => {
    const folds = new KFold({ nSplits: 3 }).split(8);
    expect(folds.map(({ test: rows }) => [...rows])).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 7],
    ]);
    expect(folds.map(({ train }) => [...train])).toEqual([
      [3, 4, 5, 6, 7],
      [0, 1, 2, 6, 7],
      [0, 1, 2, 3, 4, 5],
    ]);
  });

  test("has five folds by default", () => {
    expect(new KFold().split(10)).toHaveLength(5);
  });

  test("rejects more folds than rows", () => {
    expect(() => new KFold({ nSplits: 5 }).split(4)).toThrow(
      "Cannot have number of splits nSplits=5 greater than the number of samples: n=4",
    );
  });

  test.each([1, 0, 2.5, Number.NaN])("rejects %p folds", (nSplits) => {
    expect(() => new KFold({ nSplits })).toThrow(`nSplits is ${nSplits}, expected an integer of at least 2`);
  });
});
