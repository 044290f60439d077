import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DecisionTreeRegressor, trainTestSplit } from "@ml-pipelines/decision-tree";
import type { Tree } from "@ml-pipelines/decision-tree";

/** Mean error of a pruning with the cost of its leaves, least over all prunings of the subtree, by the definition. */
function leastCost(tree: Tree, alpha: number, node = 0): number {
  const own = (tree.weightedCount[node]! * tree.impurity[node]!) / tree.weightedCount[0]! + alpha;
  if (tree.left[node]! < 0) {
    return own;
  }
  return Math.min(own, leastCost(tree, alpha, tree.left[node]) + leastCost(tree, alpha, tree.right[node]));
}

function costOf({ feature, weightedCount, impurity }: Tree, alpha: number): number {
  return feature.reduce(
    (sum, column, node) =>
      column < 0 ? sum + (weightedCount[node]! * impurity[node]!) / weightedCount[0]! + alpha : sum,
    0,
  );
}

const column = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 25, maxLength: 25 });

describe("ccpAlpha", () => {
  test("gives the pruning of the least cost among all prunings", () => {
    fc.assert(
      fc.property(
        column,
        column,
        column,
        fc.constantFrom(0.01, 0.3, 2, 40),
        (first, second, labels, ccpAlpha) => {
          const full = new DecisionTreeRegressor().fit([first, second], labels);
          const pruned = new DecisionTreeRegressor({ ccpAlpha }).fit([first, second], labels);
          expect(costOf(pruned.tree, ccpAlpha)).toBeCloseTo(leastCost(full.tree, ccpAlpha), 9);
          expect(pruned.nLeaves).toBeLessThanOrEqual(full.nLeaves);
          expect(pruned.apply([first, second]).every((node) => pruned.tree.feature[node] === -1)).toBe(true);
        },
      ),
      { numRuns: Number(process.env.FAST_CHECK_RUNS ?? 200) },
    );
  });

  test("prunes to each step of the path at its alpha", () => {
    fc.assert(
      fc.property(column, column, (values, labels) => {
        const params = { criterion: "absolute_error", minSamplesLeaf: 2 } as const;
        const path = new DecisionTreeRegressor(params).costComplexityPruningPath([values], labels);
        expect(path.ccpAlphas[0]).toBe(0);
        let greatest = 0;
        path.ccpAlphas.forEach((alpha, step) => {
          const next = path.ccpAlphas[step + 1] ?? Infinity;
          // By rounding, an alpha can be 1e-16 below the one before. Pruning by it stops at the one before.
          const isAscending = alpha >= greatest && next > alpha;
          greatest = Math.max(greatest, alpha);
          if (alpha > 0 && isAscending) {
            const { tree } = new DecisionTreeRegressor({ ...params, ccpAlpha: alpha }).fit([values], labels);
            expect(costOf(tree, 0)).toBeCloseTo(path.impurities[step]!, 9);
          }
        });
      }),
      { numRuns: Number(process.env.FAST_CHECK_RUNS ?? 50) },
    );
  });

  test("returns the path of a tree of 20,000 leaves", () => {
    const { train } = trainTestSplit({ rowCount: 20_001, testSize: 1, randomState: 0 });
    const x = Float64Array.from(train, (_, row) => row);
    const regressor = new DecisionTreeRegressor();
    const { ccpAlphas, impurities } = regressor.costComplexityPruningPath([x], train);
    expect(ccpAlphas.length).toBeGreaterThan(5_000);
    const { tree } = regressor.fit([x], train);
    expect(impurities.at(-1)! / tree.impurity[0]!).toBeCloseTo(1, 9);
  });
});
