import { expect, test } from "@jest/globals";
import { TreeBuilder } from "../src/tree.js";

test("grows the arrays of a TreeBuilder as needed", () => {
  const builder = new TreeBuilder(0);
  builder.addLeaf(0, 3, 1.5, 2, 0.5);
  builder.split(0, 1, 7);
  builder.addLeaf(1, 1, 1, 1, 0);
  builder.addLeaf(1, 2, 0.5, 2.5, 0.25);
  expect(builder.build(2)).toEqual({
    featureCount: 2,
    feature: Int32Array.of(1, -1, -1),
    threshold: Float64Array.of(7, 0, 0),
    left: Int32Array.of(1, -1, -1),
    right: Int32Array.of(2, -1, -1),
    value: Float64Array.of(2, 1, 2.5),
    impurity: Float64Array.of(0.5, 0, 0.25),
    count: Int32Array.of(3, 1, 2),
    weightedCount: Float64Array.of(1.5, 1, 0.5),
    depth: Int32Array.of(0, 1, 1),
  });
});
