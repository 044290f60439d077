import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DecisionTreeRegression } from "ml-cart";

import type { Feature, JsonValue } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import { parseJson } from "../../src/aws/models/json-value.js";

type Tree = { distribution: number } | { splitColumn: number; splitValue: number; left: Tree; right: Tree };

const leaf = { distribution: 1 };
const split = { splitColumn: 0, splitValue: 1.5, left: leaf, right: { distribution: 2 } };
const file = (root: JsonValue): JsonValue => ({
  name: "DTRegression",
  options: { kind: "regression" },
  root,
});
/** A tree of three rows, with fields of its three nodes replaced; undefined removes one. */
const counted = ({
  left,
  right,
  ...root
}: {
  left?: object;
  right?: object;
  samples?: number;
  weightedSamples?: number;
}) =>
  file(
    parseJson(
      JSON.stringify({
        ...split,
        samples: 3,
        ...root,
        left: { ...leaf, samples: 2, ...left },
        right: { distribution: 4, samples: 1, ...right },
      }).replace("null", "1e400"),
    ),
  );
const features: Feature[] = [
  { name: "a", type: "number" },
  { name: "b", type: "number" },
];

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ distribution: finite }),
    fc.record({ splitColumn: fc.nat(1), splitValue: finite, left: tie("tree"), right: tie("tree") }),
  ),
}));

function classify(node: Tree, row: readonly number[]): number {
  if ("distribution" in node) {
    return node.distribution;
  }
  return classify((row[node.splitColumn] ?? 0) < node.splitValue ? node.left : node.right, row);
}

describe("dtRegression", () => {
  test("restores a tree from its JSON with the same predictions", () => {
    fc.assert(
      fc.property(tree, fc.array(fc.tuple(finite, finite), { minLength: 1, maxLength: 5 }), (root, rows) => {
        const json = parseJson(JSON.stringify(file(root)));
        const loaded = dtRegression.fromJSON(json, features);
        expect(dtRegression.toJSON(loaded)).toEqual(json);
        expect(loaded.predict(rows)).toEqual(rows.map((row) => classify(root, row)));
        for (const row of rows) {
          expect(loaded.root.classify(row)).toBe(classify(root, row));
        }
      }),
    );
  });

  test("accepts a tree that ml-cart grew", () => {
    // Neither options nor training are declared: this project does not use them.
    const grown = Reflect.construct(DecisionTreeRegression, [{ minNumSamples: 1 }]) as DecisionTreeRegression;
    Reflect.apply(Reflect.get(grown, "train") as () => void, grown, [
      [[1], [2], [3], [4]],
      [1, 1, 5, 5.5],
    ]);
    const json = dtRegression.toJSON(grown);
    const loaded = dtRegression.fromJSON(json);
    expect(loaded.predict([[1], [4]])).toEqual(grown.predict([[1], [4]]));
    expect(dtRegression.toJSON(loaded)).toEqual(json);
  });
});

describe("dtRegression with counts", () => {
  test.each([
    ["counts", counted({})],
    [
      "counts and weights",
      counted({
        weightedSamples: 0.30000000000000004,
        left: { weightedSamples: 0.1 },
        right: { weightedSamples: 0.2 },
      }),
    ],
  ])("keeps the %s of every node", (_, json) => {
    expect(dtRegression.toJSON(dtRegression.fromJSON(json))).toEqual(json);
  });

  test("ignores samples below a root without any", () => {
    const json = file({ ...split, left: { ...leaf, samples: 2 } });
    expect(dtRegression.toJSON(dtRegression.fromJSON(json))).toEqual(file(split));
  });
});

describe("dtRegression.fromJSON", () => {
  const deep = (levels: number): JsonValue => {
    let node: JsonValue = leaf;
    for (let i = 0; i < levels; i += 1) {
      node = { ...split, left: node };
    }
    return file(node);
  };

  test.each<[string, JsonValue, string]>([
    ["null", null, 'the model is not a "DTRegression"'],
    [
      "a tree of another kind",
      { name: "DTClassifier", options: {}, root: leaf },
      'the model is not a "DTRegression"',
    ],
    ["no root", { name: "DTRegression", options: {} }, "root is not a node"],
    ["an array", file([]), "root is not a node"],
    ["an empty leaf", file({}), "root.distribution is undefined, expected a finite number"],
    ["a leaf of text", file({ distribution: "1" }), "root.distribution is 1, expected a finite number"],
    ["a leaf of many", file({ distribution: [1] }), "root.distribution is 1, expected a finite number"],
    ["a missing child", file({ ...split, right: null }), "root.right is not a node"],
    ["one child", file({ splitColumn: 0, splitValue: 1, left: leaf }), "root.right is not a node"],
    [
      "a column out of range",
      file({ ...split, splitColumn: 2 }),
      "root.splitColumn is 2, expected a column from 0 to 1",
    ],
    ["a negative column", file({ ...split, splitColumn: -1 }), "root.splitColumn is -1"],
    ["a column by name", file({ ...split, splitColumn: "__proto__" }), "root.splitColumn is __proto__"],
    ["half a column", file({ ...split, splitColumn: 0.5 }), "root.splitColumn is 0.5"],
    ["no split value", file({ ...split, splitValue: null }), "root.splitValue is null"],
    [
      "fields of a prototype",
      parseJson('{"name":"DTRegression","options":{},"root":{"__proto__":{"distribution":1}}}'),
      "root.distribution is undefined",
    ],
    ["a node without samples", counted({ right: { samples: undefined } }), "root.right.samples is undefined"],
    ["a node without rows", counted({ left: { samples: 0 } }), "root.samples is 3, but its children have 1"],
    ["half a row", counted({ samples: 3.5 }), "root.samples is 3.5, expected a positive integer"],
    ["counts that do not add up", counted({ samples: 4 }), "root.samples is 4, but its children have 3"],
    [
      "an infinite weight",
      counted({ samples: 3, weightedSamples: Infinity }),
      "root.weightedSamples is Infinity, expected a positive number",
    ],
    [
      "weights that do not add up",
      counted({ weightedSamples: 1, left: { weightedSamples: 0.5 }, right: { weightedSamples: 0.6 } }),
      "root.weightedSamples is 1, but its children have 1.1",
    ],
    ["a tree too deep", deep(1001), "the tree is deeper than 1000"],
    ["a tree deep enough to overflow", deep(200_000), "the tree is deeper than 1000"],
  ])("rejects %s before ml-cart sees it", (_, json, message) => {
    expect(() => dtRegression.fromJSON(json, features)).toThrow(message);
  });

  test("accepts a tree of the greatest depth", () => {
    expect(dtRegression.fromJSON(deep(1000), features).predict([[2, 0]])).toEqual([2]);
  });
});

test("omits unknown options and values of other types", () => {
  const json = {
    name: "DTRegression",
    options: { maxDepth: null, gainFunction: "regression", evil: "x" },
    root: leaf,
  };
  expect(dtRegression.toJSON(dtRegression.fromJSON(json))).toEqual({
    ...json,
    options: { gainFunction: "regression" },
  });
});

describe("dtRegression as a model class", () => {
  const stepped = (...thresholds: number[]): JsonValue =>
    file(
      thresholds.reduceRight<Tree>(
        (right, splitValue, index) => ({ splitColumn: 0, splitValue, left: { distribution: index }, right }),
        { distribution: thresholds.length },
      ),
    );

  test("predicts a row as 32-bit floats, as scikit-learn compares them", () => {
    const loaded = dtRegression.fromJSON(stepped(0.1, 16_777_217), features);
    const predict = (value: number) => dtRegression.predict?.(loaded, [value, 0]);
    // 0.1 rounds up to a 32-bit float, and 16,777,217 down.
    expect([predict(0.09999), predict(0.1), predict(16_777_217), predict(16_777_218)]).toEqual([0, 1, 1, 2]);
  });

  test("changes its prediction at each breakpoint and not before", () => {
    const thresholds = [-1e30, -0.3, 0, 1e-50, 0.1, 7, 16_777_217];
    const loaded = dtRegression.fromJSON(stepped(...thresholds), features);
    const breakpoints = dtRegression.breakpoints?.(loaded, 0) ?? [];
    expect(breakpoints).toEqual([...breakpoints].sort((a, b) => a - b));
    const predict = (value: number): number => dtRegression.predict?.(loaded, [value, 0]) ?? NaN;
    const singleBefore = (value: number): number => {
      const single = Float32Array.of(value);
      const bits = new Int32Array(single.buffer);
      bits[0] = value === 0 ? -0x7fffffff : bits[0]! + (value > 0 ? -1 : 1);
      return single[0]!;
    };
    for (const value of breakpoints) {
      expect(predict(value)).toBeGreaterThan(predict(singleBefore(value)));
    }
    expect(dtRegression.breakpoints?.(loaded, 1)).toEqual([]);
  });
});
