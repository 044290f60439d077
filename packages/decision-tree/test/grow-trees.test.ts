import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { growTree } from "../src/grow-tree.js";
import { growTrees } from "../src/grow-trees.js";
import { sortTrainingSet } from "../src/training-set.js";
import type { Criterion } from "../src/tree.js";

const LEAF_SIZES = [1, 2, 3, 5, 8];

const data = fc.integer({ min: 1, max: 60 }).chain((rows) => {
  const column = fc
    .constantFrom(3, 20, 5000)
    .chain((spread) =>
      fc.array(fc.integer({ min: -spread, max: spread }), { minLength: rows, maxLength: rows }),
    );
  return fc.record({
    columns: fc.array(column, { minLength: 1, maxLength: 3 }),
    labels: column,
    // Numbers that no binary fraction holds, so that sums round.
    scale: fc.constantFrom(1, 0.1, 1 / 3),
  });
});

describe("growTrees", () => {
  test.each<[Criterion]>([["squared_error"], ["absolute_error"]])(
    "grows together, to the last bit, what it grows one by one: %s",
    (criterion) => {
      fc.assert(
        fc.property(
          data,
          fc.constantFrom(2, 4, Infinity),
          fc.integer({ min: 2, max: 12 }),
          fc.constantFrom(0, Infinity),
          ({ columns, labels, scale }, maxDepth, minSamplesSplit, fewestToCode) => {
            const { set } = sortTrainingSet(
              columns.map((column) => Float32Array.from(column, (value) => value + 0)),
              Float64Array.from(labels, (label) => label * scale + 0),
              fewestToCode,
            );
            const limits = { criterion, maxDepth, minSamplesSplit };
            const together = growTrees(set, { ...limits, leafSizes: LEAF_SIZES });
            const single = LEAF_SIZES.map((minSamplesLeaf) => growTree(set, { ...limits, minSamplesLeaf }));
            expect(together).toEqual(single);
          },
        ),
        { numRuns: Number(process.env.FAST_CHECK_RUNS ?? 300) },
      );
    },
  );
});
