import { StageError } from "./errors.js";
import type { FeaturesAndLabels, Sample } from "./prepare-data.js";

/** Anything that predicts hours from the feature columns. */
export interface Predictor {
  predict(features: Sample["features"]): Float64Array;
}

/** Fewer and more orders, between which every product's hours must grow. */
const FEW_ORDERS = 100;
const MANY_ORDERS = 150;
/** A prediction may exceed the longest hours observed by a quarter. */
const OUTLIER_FACTOR = 1.25;

/**
 * Verify that a trained model behaves as anyone would expect of it: hours grow with orders for each product, no
 * prediction for the test rows is negative, none is far beyond what was observed.
 *
 * @param products - Codes of the products, in the order of their numbers.
 * @throws {StageError} One or more checks failed; all are named, with the inputs and predictions that broke them.
 */
export function validateTrainedModelLogic(
  model: Predictor,
  data: FeaturesAndLabels,
  products: readonly string[],
): void {
  const issues = [checkGrowth(model, products), ...checkTestPredictions(model, data.test, products)].filter(
    (issue) => issue !== undefined,
  );
  if (issues.length > 0) throw new StageError(`Trained model failed verification: ${issues.join(", ")}.`);
}

function checkGrowth(model: Predictor, products: readonly string[]): string | undefined {
  const codes = Float64Array.from(products.keys());
  const few = model.predict([codes, new Float64Array(codes.length).fill(FEW_ORDERS)]);
  const many = model.predict([codes, new Float64Array(codes.length).fill(MANY_ORDERS)]);
  return describe(
    "hours_to_dispatch predictions do not increase with orders_placed",
    products.flatMap((product, code) => {
      const [low = NaN, high = NaN] = [few[code], many[code]];
      return low < high
        ? []
        : [`${product}: ${hours(low)} for ${FEW_ORDERS} orders, ${hours(high)} for ${MANY_ORDERS}`];
    }),
  );
}

function checkTestPredictions(
  model: Predictor,
  test: Sample,
  products: readonly string[],
): (string | undefined)[] {
  const [codes, orders] = test.features;
  const predictions = model.predict(test.features);
  const limit = OUTLIER_FACTOR * test.label.reduce((most, value) => Math.max(most, value), -Infinity);
  const broken = (isBroken: (prediction: number) => boolean) =>
    Array.from(predictions.keys())
      .filter((row) => isBroken(predictions[row] ?? NaN))
      .map(
        (row) => `${products[codes[row] ?? NaN]}, ${orders[row]} orders: ${hours(predictions[row] ?? NaN)}`,
      );
  return [
    describe(
      "negative hours_to_dispatch predictions found for test set",
      broken((prediction) => !(prediction >= 0)),
    ),
    describe(
      `outlier hours_to_dispatch predictions found for test set, above ${hours(limit)}`,
      broken((prediction) => prediction > limit),
    ),
  ];
}

function describe(issue: string, cases: readonly string[]): string | undefined {
  if (cases.length === 0) return undefined;
  const more = cases.length > 5 ? `; and ${cases.length - 5} more` : "";
  return `${issue} (${cases.slice(0, 5).join("; ")}${more})`;
}

function hours(value: number): string {
  return `${value.toFixed(3)} h`;
}
