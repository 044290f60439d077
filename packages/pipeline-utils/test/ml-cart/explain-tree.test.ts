import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";

import { NotExplainableError } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature, JsonObject } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression, explainTree } from "@ml-pipelines/pipeline-utils/ml-cart";

type Node = Leaf | Split;
interface Leaf extends JsonObject {
  readonly samples: number;
  readonly weightedSamples: number;
  readonly distribution: number;
}
interface Split extends JsonObject {
  readonly samples: number;
  readonly weightedSamples: number;
  readonly splitColumn: number;
  readonly splitValue: number;
  readonly left: Node;
  readonly right: Node;
}

const leaf = (samples: number, distribution: number, weightedSamples = samples): Leaf => ({
  samples,
  weightedSamples,
  distribution,
});
const split = (splitColumn: number, splitValue: number, left: Node, right: Node): Split => ({
  samples: left.samples + right.samples,
  weightedSamples: left.weightedSamples + right.weightedSamples,
  splitColumn,
  splitValue,
  left,
  right,
});
const isLeaf = (node: Node): node is Leaf => "distribution" in node;
const treeOf = (root: Node) => dtRegression.fromJSON({ name: "DTRegression", options: {}, root });

/** The value of a set of features, by its definition: unknown features send a row to both sides, by their weights. */
function expectation(node: Node, row: readonly number[], isKnown: (column: number) => boolean): number {
  if (isLeaf(node)) {
    return node.distribution;
  }
  const { splitColumn, splitValue, left, right } = node;
  if (isKnown(splitColumn)) {
    return expectation((row[splitColumn] ?? NaN) < splitValue ? left : right, row, isKnown);
  }
  const [onLeft, onRight] = [expectation(left, row, isKnown), expectation(right, row, isKnown)];
  return (onLeft * left.weightedSamples + onRight * right.weightedSamples) / node.weightedSamples;
}

/** Shapley values by their definition: a sum over all subsets of features. */
function enumerated(root: Node, row: readonly number[]): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const values = Array.from({ length: 2 ** row.length }, (_, set) =>
    expectation(root, row, (column) => ((set >> column) & 1) === 1),
  );
  return row.map((_, column) => {
    let sum = 0;
    values.forEach((value, set) => {
      if (((set >> column) & 1) === 1) {
        return;
      }
      const size = row.filter((_value, other) => ((set >> other) & 1) === 1).length;
      const share = (factorial(size) * factorial(row.length - size - 1)) / factorial(row.length);
      sum += share * (values[set | (1 << column)]! - value);
    });
    return sum;
  });
}

const COLUMNS = 5;
const { node: arbitraryTree } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: "large", withCrossShrink: true },
    fc
      .tuple(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: -99, max: 99 }),
        fc.integer({ min: 1, max: 30 }),
      )
      .map(([samples, value, weight]) => leaf(samples, value, weight / 8)),
    fc
      .tuple(fc.nat(COLUMNS - 1), fc.integer({ min: -4, max: 4 }), tie("node"), tie("node"))
      .map(([column, value, left, right]) => split(column, value, left, right)),
  ),
}));
const arbitraryRow = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: COLUMNS, maxLength: COLUMNS });

describe("explainTree", () => {
  test("gives the Shapley values of the definition, enumerated over all subsets of features", () => {
    fc.assert(
      fc.property(arbitraryTree, arbitraryRow, (root, row) => {
        const { contributions, prediction, mean } = explainTree(treeOf(root), row);
        enumerated(root, row).forEach((value, column) => {
          expect(Math.abs((contributions[column] ?? NaN) - value)).toBeLessThan(1e-11);
        });
        expect(prediction).toBe(expectation(root, row, () => true));
        expect(mean).toBeCloseTo(
          expectation(root, row, () => false),
          12,
        );
      }),
    );
  });

  test.each([
    [1, 1_000],
    [2, 1_000],
    [60, 1_000],
    [1_000, 1_000],
  ])("sums to the prediction minus the mean within 1e-9: %i features in %i levels", (columns, levels) => {
    let root: Node = leaf(1, 500);
    for (let level = levels - 1; level >= 0; level -= 1) {
      root = split(level % columns, 0.5, leaf(1 + (level % 7), Math.sin(level) * 100), root);
    }
    const tree = treeOf(root);
    for (const row of [
      Array.from({ length: columns }, () => 1),
      Array.from({ length: columns }, (_, column) => (column === columns - 1 ? 0 : 1)),
    ]) {
      const { contributions, prediction, mean } = explainTree(tree, row);
      const sum = contributions.reduce((total, value) => total + value, 0);
      expect(Math.abs(sum - (prediction - mean))).toBeLessThan(1e-9);
    }
  });

  test("gives features with the same role equal shares, and others none", () => {
    // The prediction is 8 if both features are above 0, of which half of the rows each are.
    const root = split(0, 0, leaf(50, 0), split(1, 0, leaf(25, 0), leaf(25, 8)));
    const { contributions, mean } = explainTree(treeOf(root), [1, 1, 7]);
    expect(mean).toBe(2);
    expect(contributions.map((value) => Number(value.toFixed(12)))).toEqual([3, 3, 0]);
  });

  const features: Feature[] = [
    { name: "product_code", type: "category", categories: ["A", "B", "C", "D", "E", "F", "G"] },
    { name: "orders_placed", type: "number" },
    { name: "express", type: "boolean" },
  ];
  const root = split(
    1,
    0.1,
    leaf(5, 1),
    split(
      0,
      5.5,
      split(2, 0.5, leaf(6, 2), leaf(2, 4)),
      split(1, 12.500000000000002, leaf(2, 8), leaf(1, 11)),
    ),
  );

  test("lists the path in words and numbers", () => {
    expect(explainTree(treeOf(root), [1, 10, 1], features).path).toEqual([
      step("orders_placed", 0.09999999999999999, "right", 11, 47 / 11, "orders_placed 10 is above 0.1"),
      step(
        "product_code",
        5.499999999999999,
        "left",
        8,
        2.5,
        "product_code B is one of A, B, C, D and 2 more",
      ),
      step("express", 0.49999999999999994, "right", 2, 4, "express is true"),
    ]);
    const { path = [] } = explainTree(treeOf(root), [6, 12.5, 0], features);
    expect(path.map(({ words }) => words)).toEqual([
      "orders_placed 12.5 is above 0.1",
      "product_code is G",
      "orders_placed 12.5 is at most 12.5",
    ]);
  });

  test("names columns by their numbers when features are not given", () => {
    const { path = [] } = explainTree(treeOf(root), [6, 0, 0]);
    expect(path.map(({ words }) => words)).toEqual(["column 1 0 is at most 0.1"]);
  });

  test("shows all digits of a threshold when fewer would put the value on its other side", () => {
    const { path = [] } = explainTree(treeOf(split(0, 1.0000001, leaf(1, 0), leaf(1, 1))), [1.0000002]);
    expect(path[0]?.words).toBe("column 0 1.0000002 is above 1");
    const close = explainTree(treeOf(split(0, 1.0000005, leaf(1, 0), leaf(1, 1))), [1.0000002]);
    expect(close.path?.[0]?.words).toBe("column 0 1.0000002 is at most 1.0000004999999998");
  });

  test("says that a tree without samples carries no counts", () => {
    const old = dtRegression.fromJSON({
      name: "DTRegression",
      options: {},
      root: { splitColumn: 0, splitValue: 1, left: { distribution: 0 }, right: { distribution: 1 } },
    });
    expect(() => explainTree(old, [1])).toThrow(NotExplainableError);
    expect(() => dtRegression.explain?.(old, [1])).toThrow("the tree carries no counts");
  });

  test("rejects a row with fewer values than the tree has columns", () => {
    expect(() => explainTree(treeOf(root), [1, 2])).toThrow("the row has 2 values, expected at least 3");
  });

  test("explains a tree of one leaf by its mean alone", () => {
    expect(explainTree(treeOf(leaf(3, 7)), [1, 2])).toEqual({
      prediction: 7,
      mean: 7,
      contributions: [0, 0],
      path: [],
    });
  });
});

function step(
  feature: string,
  threshold: number,
  side: string,
  samples: number,
  mean: number,
  words: string,
): object {
  return { feature, threshold, side, samples, mean: expect.closeTo(mean, 12), words };
}
