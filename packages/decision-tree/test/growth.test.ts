import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DecisionTreeRegressor } from "@ml-pipelines/decision-tree";
import type { Criterion, Tree, TreeParams } from "@ml-pipelines/decision-tree";
import { growTree, growTrees } from "../src/growth.js";
import { positiveRows, sortTrainingSet } from "../src/training-set.js";
import { growNaively } from "./naive-tree.js";
import type { NaiveNode } from "./naive-tree.js";

const RUNS = Number(process.env.FAST_CHECK_RUNS ?? 300);

const params: fc.Arbitrary<TreeParams> = fc.record({
  criterion: fc.constantFrom("squared_error", "absolute_error"),
  maxDepth: fc.option(fc.integer({ min: 1, max: 6 })),
  minSamplesSplit: fc.integer({ min: 2, max: 8 }),
  minSamplesLeaf: fc.integer({ min: 1, max: 5 }),
  // A gain never equals the last one apart from rounding.
  minImpurityDecrease: fc.constantFrom(0, 0, 1 / 3e2, 1 / 3, 7 / 3),
  ccpAlpha: fc.constant(0),
});

/** Columns of equal length, of repeated or of spread values; labels of either kind. Steps of 1/16 sum exactly. */
const data = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rows, features]) => {
    const column = fc.constantFrom(3, 20, 5000).chain((spread) =>
      fc.array(
        fc.integer({ min: -spread, max: spread }).map((value) => value / 16 + 0),
        { minLength: rows, maxLength: rows },
      ),
    );
    return fc.record({
      columns: fc.array(column, { minLength: features, maxLength: features }),
      labels: column,
    });
  });

/** Fewest rows of a set whose features of few values are coded: always, or never. */
const minRowsToCode = fc.constantFrom(0, Infinity);

function grow(
  columns: readonly (readonly number[])[],
  labels: readonly number[],
  limits: TreeParams,
  minRows: number,
  weights?: readonly number[],
): Tree {
  const features = columns.map((column) => Float32Array.from(column));
  const ofRows = weights && Float64Array.from(weights);
  return growTree(
    positiveRows(sortTrainingSet(features, Float64Array.from(labels), ofRows, minRows)),
    limits,
  );
}

describe("growTree", () => {
  test("grows the tree of the definition for every criterion and limit", () => {
    fc.assert(
      fc.property(data, params, minRowsToCode, ({ columns, labels }, limits, minRows) => {
        const tree = grow(columns, labels, limits, minRows);
        expectSame(tree, 0, growNaively(columns, labels, limits));
      }),
      { numRuns: RUNS },
    );
  });

  const weighted = data.chain(({ columns, labels }) =>
    fc.record({
      columns: fc.constant(columns),
      labels: fc.constant(labels),
      weights: fc.array(fc.constantFrom(0, 0.25, 0.5, 1, 1, 3), {
        minLength: labels.length,
        maxLength: labels.length,
      }),
    }),
  );

  test("grows the tree of the definition from weighted rows, without those of weight 0", () => {
    fc.assert(
      fc.property(weighted, params, minRowsToCode, ({ columns, labels, weights }, limits, minRows) => {
        fc.pre(weights.some((weight) => weight > 0));
        const positive = (values: readonly number[]) => values.filter((_, row) => weights[row]! > 0);
        const tree = grow(columns, labels, limits, minRows, weights);
        const expected = growNaively(columns.map(positive), positive(labels), limits, positive(weights));
        expectSame(tree, 0, expected);
        expect(tree.weightedCount[0]).toBe(weights.reduce<number>((sum, weight) => sum + weight, 0));
      }),
      { numRuns: RUNS },
    );
  });

  test("grows the tree of repeated rows from whole weights", () => {
    fc.assert(
      fc.property(weighted, params, minRowsToCode, ({ columns, labels, weights }, limits, minRows) => {
        const times = weights.map((weight) => Math.ceil(weight));
        const repeat = (values: readonly number[]) =>
          values.flatMap((value, row) => Array.from({ length: times[row]! }, () => value));
        fc.pre(times.some((weight) => weight > 0));
        const ofTimes = { ...limits, minSamplesSplit: 2, minSamplesLeaf: 1 };
        const tree = grow(columns, labels, ofTimes, minRows, times);
        const repeated = grow(columns.map(repeat), repeat(labels), ofTimes, minRows);
        expect(tree.feature).toEqual(repeated.feature);
        expect(tree.threshold).toEqual(repeated.threshold);
        expect(tree.weightedCount).toEqual(repeated.weightedCount);
      }),
      { numRuns: RUNS },
    );
  });

  test("returns the same bits whatever the order of rows", () => {
    const shuffled = data.chain(({ columns, labels }) =>
      fc.record({
        columns: fc.constant(columns),
        labels: fc.constant(labels),
        // Numbers that no binary fraction holds, so that sums round.
        scale: fc.constantFrom(1, 0.1, 1 / 3),
        weights: fc.option(
          fc.array(fc.constantFrom(1, 0.1, 1 / 3), { minLength: labels.length, maxLength: labels.length }),
          { nil: undefined },
        ),
        order: fc.shuffledSubarray([...labels.keys()], { minLength: labels.length }),
      }),
    );
    fc.assert(
      fc.property(
        shuffled,
        params,
        minRowsToCode,
        ({ columns, labels, scale, weights, order }, limits, minRows) => {
          const scaled = labels.map((label) => label * scale + 0);
          const straight = grow(columns, scaled, limits, minRows, weights);
          const reordered = grow(
            columns.map((column) => order.map((row) => column[row]!)),
            order.map((row) => scaled[row]!),
            limits,
            minRows,
            weights && order.map((row) => weights[row]!),
          );
          expect(reordered).toEqual(straight);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test("numbers nodes in preorder, left before right", () => {
    const { tree } = new DecisionTreeRegressor().fit([[1, 2, 3, 4]], [0, 1, 10, 12]);
    expect(Array.from(tree.left)).toEqual([1, 2, -1, -1, 5, -1, -1]);
    expect(Array.from(tree.right)).toEqual([4, 3, -1, -1, 6, -1, -1]);
    expect(Array.from(tree.threshold)).toEqual([2.5, 1.5, 0, 0, 3.5, 0, 0]);
    expect(Array.from(tree.depth)).toEqual([0, 1, 2, 2, 1, 2, 2]);
  });
});

const LEAF_SIZES = [1, 2, 3, 5, 8];

/** Columns and labels of more rows, the labels scaled. */
const scaledData = fc.integer({ min: 1, max: 60 }).chain((rows) => {
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
    "grows trees together with the same bits as one by one: %s",
    (criterion) => {
      fc.assert(
        fc.property(
          scaledData,
          fc.constantFrom(2, 4, Infinity),
          fc.integer({ min: 2, max: 12 }),
          fc.constantFrom(0, 0.01, 1 / 3),
          minRowsToCode,
          ({ columns, labels, scale }, maxDepth, minSamplesSplit, minImpurityDecrease, minRows) => {
            const { set } = sortTrainingSet(
              columns.map((column) => Float32Array.from(column, (value) => value + 0)),
              Float64Array.from(labels, (label) => label * scale + 0),
              undefined,
              minRows,
            );
            const limits = { criterion, maxDepth, minSamplesSplit, minImpurityDecrease, ccpAlpha: 0 };
            const together = growTrees(set, { ...limits, leafSizes: LEAF_SIZES });
            const single = LEAF_SIZES.map((minSamplesLeaf) => growTree(set, { ...limits, minSamplesLeaf }));
            expect(together).toEqual(single);
          },
        ),
        { numRuns: RUNS },
      );
    },
  );
});

describe("ties between splits", () => {
  test("selects the first feature", () => {
    const { tree } = new DecisionTreeRegressor({ maxDepth: 1 }).fit(
      [
        [2, 1],
        [1, 2],
      ],
      [0, 1],
    );
    expect(tree.feature[0]).toBe(0);
  });

  test.each(["squared_error", "absolute_error"] as const)("selects the lowest threshold: %s", (criterion) => {
    const { tree } = new DecisionTreeRegressor({ criterion, maxDepth: 1 }).fit(
      [[1, 2, 3, 4]],
      [0.1, 0.3, 0.3, 0.1],
    );
    expect(tree.threshold[0]).toBe(1.5);
  });

  test("ignores a gain that is larger by rounding alone", () => {
    // The same column twice, the labels in another order: sums differ in their last bits only.
    const labels = [0.1, 0.2, 0.3, 1.1, 1.2, 1.3];
    const { tree } = new DecisionTreeRegressor({ maxDepth: 1 }).fit(
      [
        [3, 2, 1, 4, 5, 6],
        [1, 2, 3, 6, 5, 4],
      ],
      labels,
    );
    expect(tree.feature[0]).toBe(0);
  });
});

function expectSame(tree: Tree, id: number, expected: NaiveNode): void {
  expect(tree.count[id]).toBe(expected.count);
  expect(tree.value[id]).toBeCloseTo(expected.value, 9);
  expect(tree.feature[id]).toBe(expected.feature ?? -1);
  if (expected.left === undefined || expected.right === undefined) {
    return;
  }
  expect(tree.threshold[id]).toBe(expected.threshold);
  expectSame(tree, tree.left[id]!, expected.left);
  expectSame(tree, tree.right[id]!, expected.right);
}
