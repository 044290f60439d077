import { expect, test } from "@jest/globals";
import { groupPoints } from "../src/point-groups.js";
import type { TreeParams } from "../src/tree-params.js";

const point = (params: Partial<TreeParams>): TreeParams => ({
  criterion: "squared_error",
  maxDepth: null,
  minSamplesLeaf: 1,
  minSamplesSplit: 2,
  ...params,
});

test("groups by criterion and leaf size, and lets points share a pruning", () => {
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
      maxDepth: 2,
      minSamplesSplit: 2,
      leaves: [{ minSamplesLeaf: 1, depths: [2], splits: [2], prunings: [0] }],
      points: [2],
    },
  ]);
});

test("groups 200,000 points, none of which are alike", () => {
  const [group] = groupPoints(Array.from({ length: 200_000 }, (_, i) => point({ maxDepth: i + 1 })));
  expect(group).toMatchObject({ maxDepth: 200_000, minSamplesSplit: 2 });
  expect(group?.leaves[0]?.prunings.at(-1)).toBe(199_999);
});
