import { describe, expect, test } from "@jest/globals";
import type { Feature, Target } from "@ml-pipelines/pipeline-utils";
import { atMostTimesObserved, increasing, notNegative } from "@ml-pipelines/pipeline-utils/stage";
import type { Check } from "@ml-pipelines/pipeline-utils/stage";

import { rejectIssues } from "../../src/stage/train/checks.js";
import { evaluateModel } from "../../src/stage/train/evaluation.js";

const features: Feature[] = [
  { name: "product_code", type: "category", categories: ["SKU001", "SKU002"] },
  { name: "orders_placed", type: "number" },
  { name: "express", type: "boolean" },
];
const hours: Target = { name: "hours", type: "number", unit: "h" };
const sample = {
  columns: [Float64Array.of(0, 1, 1), Float64Array.of(10, 20, 30), Float64Array.of(0, 1, 0)],
  target: Float64Array.of(1, 2, 4),
};

type Predict = (code: number, orders: number, express: number) => number;

/** Run one check on a model. */
function run(check: Check, predict: Predict, target = hours) {
  const predictRow = ([code = NaN, orders = NaN, express = NaN]: readonly number[]) =>
    predict(code, orders, express);
  return check(evaluateModel(predictRow, { train: sample, test: sample, features }, target));
}

describe("increasing", () => {
  const check = increasing("orders_placed", 100, 150);

  test("passes a model whose predictions increase", () => {
    expect(run(check, (code, orders) => (1 + code) * orders)).toBeUndefined();
  });

  test("names each category and flag whose predictions do not increase, with the inputs", () => {
    expect(run(check, (code, orders) => (code === 1 ? 3 : orders))).toEqual({
      issue: "hours predictions do not increase with orders_placed",
      // The typical row has product SKU002, and is not express.
      cases: [
        "product_code SKU002, orders_placed 100, express false: 3.000 h, orders_placed 150: 3.000 h",
        "product_code SKU002, orders_placed 100, express true: 3.000 h, orders_placed 150: 3.000 h",
      ],
    });
  });

  test("rejects a feature that the model does not have", () => {
    expect(() => run(increasing("orders", 1, 2), () => 1)).toThrow(
      "increasing: orders is not a number feature of the model, which has product_code (category), orders_placed (number), express (boolean)",
    );
  });
});

describe("notNegative", () => {
  test("passes zero", () => {
    expect(run(notNegative(), () => 0)).toBeUndefined();
  });

  test("names the rows of negative predictions", () => {
    expect(run(notNegative(), (code) => -code)).toEqual({
      issue: "negative hours predictions found for test set",
      cases: [
        "product_code SKU002, orders_placed 20, express true: -1.000 h",
        "product_code SKU002, orders_placed 30, express false: -1.000 h",
      ],
    });
  });
});

describe("atMostTimesObserved", () => {
  test("passes the limit itself", () => {
    expect(run(atMostTimesObserved(1.25), () => 5)).toBeUndefined();
  });

  test("names the rows above the limit, and the limit", () => {
    expect(run(atMostTimesObserved(1.25), (_, orders) => (orders === 10 ? 5.5 : 1))).toEqual({
      issue: "outlier hours predictions found for test set, above 5.000 h",
      cases: ["product_code SKU001, orders_placed 10, express false: 5.500 h"],
    });
  });
});

describe("evaluateModel with predictions outside the target", () => {
  test.each([NaN, Infinity])("rejects the prediction %d", (prediction) => {
    expect(() =>
      run(
        () => undefined,
        () => prediction,
      ),
    ).toThrow(
      `Trained model failed verification: hours predictions found for test set that are not finite numbers ` +
        `(product_code SKU001, orders_placed 10, express false: ${prediction} h; `,
    );
  });

  test.each([2, -1, 0.5, NaN])("rejects class %d of two", (prediction) => {
    const late: Target = { name: "is_late", type: "category", categories: ["no", "yes"] };
    const sound = { ...sample, target: Float64Array.of(0, 1, 1) };
    expect(() => evaluateModel(() => prediction, { train: sound, test: sound, features }, late)).toThrow(
      `is_late predictions found for test set that are not an index of 2 classes (product_code SKU001, orders_placed 10, express false: ${prediction}; `,
    );
  });
});

describe("rejectIssues", () => {
  test("accepts checks without issues", () => {
    expect(() => {
      rejectIssues([undefined, undefined]);
    }).not.toThrow();
  });

  test("reports all issues together, with five cases each", () => {
    const cases = ["a", "b", "c", "d", "e", "f", "g"];
    expect(() => {
      rejectIssues([{ issue: "first", cases }, undefined, { issue: "second", cases: ["x"] }]);
    }).toThrow(/^Trained model failed verification: first \(a; b; c; d; e; and 2 more\), second \(x\)\.$/);
  });
});
