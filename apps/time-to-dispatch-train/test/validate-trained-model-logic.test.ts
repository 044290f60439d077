import { describe, expect, test } from "@jest/globals";
import type { FeaturesAndLabels } from "../src/prepare-data.js";
import type { Predictor } from "../src/validate-trained-model-logic.js";
import { validateTrainedModelLogic } from "../src/validate-trained-model-logic.js";

const products = ["SKU001", "SKU002"];
const sample = {
  features: [Float64Array.of(0, 1), Float64Array.of(10, 20)] as const,
  label: Float64Array.of(1, 4),
};
const data: FeaturesAndLabels = {
  train: { ...sample, features: [...sample.features] },
  test: { ...sample, features: [...sample.features] },
};
const predictor = (hours: (code: number, orders: number) => number): Predictor => ({
  predict: ([codes, orders]) => codes.map((code, row) => hours(code, orders[row] ?? NaN)),
});
const verify = (hours: (code: number, orders: number) => number) => () => {
  validateTrainedModelLogic(predictor(hours), data, products);
};

describe("validateTrainedModelLogic", () => {
  test("accepts hours that grow with orders", () => {
    expect(verify((code, orders) => (1 + code) * orders * 0.1)).not.toThrow();
  });

  test("names the product whose hours do not grow", () => {
    expect(verify((code, orders) => (code === 1 ? 3 : orders * 0.1))).toThrow(
      "Trained model failed verification: hours_to_dispatch predictions do not increase with orders_placed " +
        "(SKU002: 3.000 h for 100 orders, 3.000 h for 150).",
    );
  });

  test("reports all checks together", () => {
    expect(verify(() => -1)).toThrow(
      /do not increase with orders_placed \(.*\), negative hours_to_dispatch predictions found for test set \(SKU001, 10 orders: -1\.000 h; SKU002, 20 orders: -1\.000 h\)\.$/,
    );
    expect(verify(() => 1000)).toThrow(
      /do not increase with orders_placed \(.*\), outlier hours_to_dispatch predictions found for test set, above 5\.000 h \(SKU001/,
    );
  });

  test("a prediction that is no number fails", () => {
    expect(verify(() => NaN)).toThrow("negative hours_to_dispatch predictions found for test set");
  });
});
