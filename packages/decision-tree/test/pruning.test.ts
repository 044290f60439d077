import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Tree, TreeParams } from "@ml-pipelines/decision-tree";
import { growTree } from "../src/growth.js";
import { groupPoints, sumPruningErrors } from "../src/pruning.js";
import { sortTrainingSet } from "../src/training-set.js";

const DEPTHS = [3, 1, 2, 5, Infinity];
const SPLITS = [2, 9, 4, 3];

const point = (params: Partial<TreeParams>): TreeParams => ({
  criterion: "squared_error",
  maxDepth: null,
  minSamplesLeaf: 1,
  minSamplesSplit: 2,
  minImpurityDecrease: 0,
  ccpAlpha: 0,
  ...params,
});

/** The leaf of a row in the tree pruned to a depth and a smallest size to split, by the definition. */
function leafOf(tree: Tree, features: readonly Float32Array[], row: number, depth: number, split: number) {
  let node = 0;
  while (tree.left[node]! >= 0 && tree.depth[node]! < depth && tree.count[node]! >= split) {
    const goesLeft = features[tree.feature[node]!]![row]! <= tree.threshold[node]!;
    node = goesLeft ? tree.left[node]! : tree.right[node]!;
  }
  return node;
}

test("sums the errors of every pruning, with the same bits where leaves are the same", () => {
  const column = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(column, column, column, (first, second, numbers) => {
      const features = [Float32Array.from(first), Float32Array.from(second)];
      const labels = Float64Array.from(numbers, (number) => number / 3 + 0);
      const tree = growTree(sortTrainingSet(features, labels).set, point({}));
      const rows = Int32Array.from({ length: 20 }, (_, i) => 2 * i);
      const prunings = { depths: DEPTHS, splits: SPLITS };
      const errors = sumPruningErrors(tree, features, labels, rows, prunings, "r2");
      const sumOf = new Map<string, number>();
      DEPTHS.forEach((depth, i) => {
        SPLITS.forEach((split, j) => {
          const leaves = Array.from(rows, (row) => leafOf(tree, features, row, depth, split));
          const squares = leaves.map((leaf, index) => (labels[rows[index]!]! - tree.value[leaf]!) ** 2);
          const error = errors[i * SPLITS.length + j]!;
          expect(error).toBeCloseTo(
            squares.reduce((sum, square) => sum + square, 0),
            9,
          );
          const sameLeaves = leaves.join();
          expect(sumOf.get(sameLeaves) ?? error).toBe(error);
          sumOf.set(sameLeaves, error);
        });
      });
    }),
    { numRuns: Number(process.env.FAST_CHECK_RUNS ?? 300) },
  );
});

test("groups points by criterion and leaf size, and lets them share a pruning", () => {
  const groups = groupPoints([
    point({ minSamplesLeaf: 3, minSamplesSplit: 2 }),
    point({ maxDepth: 4, minSamplesSplit: 9 }),
    point({ criterion: "absolute_error", maxDepth: 2 }),
    point({ minSamplesLeaf: 3, minSamplesSplit: 6 }),
    point({ minSamplesSplit: 9 }),
  ]);
  expect(groups).toEqual([
    {
      criterion: "squared_error",
      minImpurityDecrease: 0,
      ccpAlpha: 0,
      maxDepth: Infinity,
      minSamplesSplit: 6,
      leaves: [
        { minSamplesLeaf: 1, depths: [4, Infinity], splits: [9], prunings: [0, 1] },
        { minSamplesLeaf: 3, depths: [Infinity], splits: [6], prunings: [0, 0] },
      ],
      points: [1, 4, 0, 3],
    },
    {
      criterion: "absolute_error",
      minImpurityDecrease: 0,
      ccpAlpha: 0,
      maxDepth: 2,
      minSamplesSplit: 2,
      leaves: [{ minSamplesLeaf: 1, depths: [2], splits: [2], prunings: [0] }],
      points: [2],
    },
  ]);
});

test("keeps points apart that pruning cannot tell: another minImpurityDecrease, or a cost of leaves", () => {
  const groups = groupPoints([
    point({}),
    point({ minImpurityDecrease: 0.5, maxDepth: 3 }),
    point({ ccpAlpha: 0.1 }),
    point({ minImpurityDecrease: 0.5 }),
    point({ ccpAlpha: 0.1 }),
  ]);
  expect(groups.map((group) => group.points)).toEqual([[0], [1, 3], [2], [4]]);
});

test("groups 200,000 points that all differ", () => {
  const [group] = groupPoints(Array.from({ length: 200_000 }, (_, i) => point({ maxDepth: i + 1 })));
  expect(group).toMatchObject({ maxDepth: 200_000, minSamplesSplit: 2 });
  expect(group?.leaves[0]?.prunings.at(-1)).toBe(199_999);
});
