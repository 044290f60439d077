import { describe, expect, test } from "@jest/globals";
import { DecisionTreeRegressor, permutationImportance } from "@ml-pipelines/decision-tree";

const columns = [
  [1, 2, 3, 4, 5, 6, 7, 8],
  [1, 1, 1, 1, 0, 0, 0, 0],
];
const labels = [0, 0, 0, 0, 9, 9, 9, 9];
const tree = new DecisionTreeRegressor().fit(columns, labels);

describe("permutationImportance", () => {
  test("returns no loss for a feature that the tree does not use", () => {
    const { importances, importancesMean, importancesStd } = permutationImportance(tree, columns, labels, {
      randomState: 0,
    });
    expect(importances.map((losses) => losses.length)).toEqual([5, 5]);
    expect(importancesMean[0]).toBeGreaterThan(0.5);
    expect([importancesMean[1], importancesStd[1]]).toEqual([0, 0]);
  });

  test("takes the loss of a scoring of the caller, and leaves the columns unchanged", () => {
    const before = structuredClone(columns);
    const { importances } = permutationImportance(tree, columns, labels, {
      scoring: (_, [first]) => Number(Array.from(first as number[]).join("") === "12345678"),
      nRepeats: 2,
      randomState: 0,
    });
    expect(importances).toEqual([Float64Array.of(1, 1), Float64Array.of(0, 0)]);
    expect(columns).toEqual(before);
  });

  test.each<[object, string]>([
    [{ randomState: -1 }, "seed is -1, expected an integer from 0 to 4294967295"],
    [{ randomState: 0, nRepeats: 0 }, "nRepeats is 0, expected an integer of at least 1"],
    [{ randomState: 0, nJobs: 1 }, 'option "nJobs" is unknown, expected scoring, nRepeats, randomState'],
  ])("rejects the options %p", (options, message) => {
    expect(() =>
      permutationImportance(tree, columns, labels, Object.assign({ randomState: 0 }, options)),
    ).toThrow(message);
  });
});
