import { describe, expect, jest, test } from "@jest/globals";
import { GroupKFold, KFold, StratifiedKFold, TimeSeriesSplit } from "@ml-pipelines/decision-tree";
import type { KFoldOptions, Splitter } from "@ml-pipelines/decision-tree";
import { readFolds } from "./read-fixture.js";

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

  test.each<[KFoldOptions, string]>([
    [{ shuffle: true }, "randomState is undefined, expected a seed, which shuffle needs"],
    [{ randomState: 1 }, "randomState has no effect without shuffle"],
    [{ shuffle: true, randomState: -1 }, "seed is -1, expected an integer from 0 to 4294967295"],
    [
      Object.assign({ nSplits: 3 }, { n_splits: 4 }),
      'option "n_splits" is unknown, expected nSplits, shuffle,',
    ],
    [Object.assign({ nSplits: 3 }, JSON.parse('{ "shuffle": 1 }')), "shuffle is 1, expected true or false"],
  ])("rejects %p", (options, message) => {
    expect(() => new KFold(options)).toThrow(message);
  });

  test.each([1, 0, 2.5, Number.NaN])("rejects %p folds", (nSplits) => {
    expect(() => new KFold({ nSplits })).toThrow(`nSplits is ${nSplits}, expected an integer of at least 2`);
  });
});

const SPLITTERS = { KFold, StratifiedKFold, GroupKFold, TimeSeriesSplit };

test.each(readFolds().folds)(
  "returns the folds of scikit-learn's $splitter with $options for $rowCount rows",
  ({ splitter, options, rowCount, classes, folds }) => {
    const cv = new SPLITTERS[splitter](options);
    const found =
      cv instanceof GroupKFold ? cv.split(rowCount, undefined, classes) : cv.split(rowCount, classes ?? []);
    expect(found).toHaveLength(folds.length);
    folds.forEach(({ train, test: held }, fold) => {
      expect(Array.from(found[fold]!.train)).toEqual(train);
      expect(Array.from(found[fold]!.test)).toEqual(held);
    });
  },
);

describe("StratifiedKFold", () => {
  const cv = new StratifiedKFold({ nSplits: 3 });

  test("warns of a class with fewer rows than folds, and rejects folds that no class can fill", () => {
    const warnings: unknown[] = [];
    const warn = jest.spyOn(process, "emitWarning").mockImplementation((...given: unknown[]) => {
      warnings.push(given);
    });
    expect(cv.split(5, ["a", "b", "a", "b", "a"])).toHaveLength(3);
    warn.mockRestore();
    expect(warnings).toEqual([
      ["The least populated class has only 2 members, which is less than nSplits=3", "StratifiedKFold"],
    ]);
    expect(() => cv.split(4, ["a", "b", "a", "b"])).toThrow(
      "nSplits=3 cannot be greater than the number of members in each class",
    );
  });

  test("rejects classes that are fractions, or of another number of rows", () => {
    expect(() => cv.split(3, [1, 2, 0.5])).toThrow("StratifiedKFold needs classes, and row 2 is 0.5");
    expect(() => cv.split(3, ["a", "a"])).toThrow("the classes have 2 rows, expected 3");
  });
});

describe("GroupKFold", () => {
  test("rejects no groups, too few of them, and groups of another number of rows", () => {
    const cv: Splitter = new GroupKFold({ nSplits: 2 });
    const y = Float64Array.of(1, 2, 3);
    expect(() => cv.split(3, y)).toThrow("groups is undefined, expected the group of each row");
    expect(() => cv.split(3, y, ["a", "a", "a"])).toThrow("greater than the number of groups: 1");
    expect(() => cv.split(3, y, ["a"])).toThrow("groups has 1 rows, expected 3");
    expect(() => new GroupKFold(Object.assign({ nSplits: 2 }, { shuffle: true }))).toThrow(
      'option "shuffle" is unknown',
    );
  });
});

describe("TimeSeriesSplit", () => {
  test("rejects more folds than the rows allow", () => {
    expect(() => new TimeSeriesSplit({ nSplits: 5 }).split(5)).toThrow(
      "Cannot have number of folds=6 greater than the number of samples=5",
    );
    expect(() => new TimeSeriesSplit({ nSplits: 2, testSize: 4, gap: 3 }).split(11)).toThrow(
      "Too many splits=2 for number of samples=11 with testSize=4 and gap=3",
    );
  });

  test("rejects sizes that are no number of rows, and unknown options", () => {
    expect(() => new TimeSeriesSplit({ testSize: 0 })).toThrow(
      "testSize is 0, expected an integer of at least 1",
    );
    expect(() => new TimeSeriesSplit({ gap: -1 })).toThrow("gap is -1, expected an integer of at least 0");
    expect(() => new TimeSeriesSplit(Object.assign({ gap: 0 }, { maxTrain: 3 }))).toThrow(
      'option "maxTrain" is unknown',
    );
  });
});
