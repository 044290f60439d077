import { expect, test } from "@jest/globals";
import { Model } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import { curvesOf } from "../src/model/curves.js";
import { isServable, ServedModel } from "../src/model/served-model.js";
import { sampleModel, signatureOf } from "@ml-pipelines/test-support/sample-model";

type Node = { distribution: number } | { splitColumn: number; splitValue: number; left: Node; right: Node };

/** A balanced tree, for all products the same, that predicts how many of the thresholds the orders have reached. */
function stepsModel(thresholds: readonly number[], products = ["SKU001"]): ServedModel {
  const node = (from: number, to: number): Node => {
    const middle = (from + to) >> 1;
    const splitValue = thresholds[middle];
    if (from === to || splitValue === undefined) {
      return { distribution: from };
    }
    return { splitColumn: 1, splitValue, left: node(from, middle), right: node(middle + 1, to) };
  };
  const model = new Model({
    name: "steps",
    model: dtRegression.fromJSON({ name: "DTRegression", options: {}, root: node(0, thresholds.length) }),
    modelClass: dtRegression,
    trainDataset: sampleModel().trainDataset,
    features: signatureOf(products),
  });
  if (!isServable(dtRegression)) {
    throw new Error("it predicts");
  }
  return new ServedModel(model, dtRegression, { bucket: "b", key: "models/steps_2026-01-01.json" });
}

test("begins every step at the first float32 on the tree's other side", async () => {
  // As training writes them: the next double above the threshold.
  const { steps, lines, isExact } = await curvesOf(
    stepsModel([49.50000000000001, 100.5, 1e6 + 0.1]),
    undefined,
  );
  expect(isExact).toBe(true);
  expect(steps).toEqual([0, 49.500003814697266, 100.5, 1000000.125]);
  expect(lines).toEqual([{ name: "SKU001", predictions: [0, 1, 2, 3] }]);
});

const MANY = Array.from({ length: 5_000 }, (_, index) => index + 1);

test("returns every nth step when there are more than a screen can show", async () => {
  const { steps, lines } = await curvesOf(stepsModel(MANY), undefined);
  expect(steps.slice(0, 3)).toEqual([0, 3, 6]);
  expect(lines[0]?.predictions.slice(0, 3)).toEqual([0, 3, 6]);
});

test("returns fewer steps when there are many lines, so that other requests wait little", async () => {
  const products = Array.from({ length: 1_000 }, (_, index) => `SKU${String(index)}`);
  const { steps, lines } = await curvesOf(stepsModel(MANY, products), undefined);
  expect(steps.slice(0, 3)).toEqual([0, 51, 102]);
  expect(lines.flatMap(({ predictions }) => predictions).length).toBeLessThanOrEqual(100_000);
});
