import { propertyOf } from "../property-of.js";
import type { PredictionCurves } from "../schemas/prediction-curves.js";
import type { ServedModel } from "./served-model.js";

/** More steps than any screen has columns. */
const MAX_STEPS = 2_000;
/** Of all products together: other requests wait while they are predicted. */
const MAX_PREDICTIONS = 100_000;

/**
 * Predict every step that the model's tree has over the orders, for each product.
 *
 * A tree's prediction changes at its thresholds only, so this is all of it up to the last threshold, and constant from there.
 */
export function predictionCurves(served: ServedModel): PredictionCurves {
  const { features } = served;
  const ordersColumn = features.findIndex(({ type }) => type === "number");
  const products = features.flatMap((feature) => (feature.type === "category" ? feature.categories : []));
  const maxSteps = Math.min(MAX_STEPS, Math.floor(MAX_PREDICTIONS / products.length));
  const steps = stepsOf(served.model.model.toJSON(), ordersColumn, maxSteps);
  const curves = products.map((product, index): [string, number[]] => [
    product,
    steps.map((orders) => served.predict(features.map(({ type }) => (type === "category" ? index : orders)))),
  ]);
  return { orders_placed: steps, est_hours_to_dispatch: Object.fromEntries(curves) };
}

/** The thresholds of one column, ascending, after 0; every nth of them where there are too many. */
function stepsOf(tree: unknown, column: number, maxSteps: number): number[] {
  const thresholds = new Set<number>();
  const nodes: unknown[] = [propertyOf(tree, "root")];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    const threshold = propertyOf(node, "splitValue");
    if (propertyOf(node, "splitColumn") === column && typeof threshold === "number" && threshold > 0) {
      thresholds.add(threshold);
    }
    nodes.push(
      ...[propertyOf(node, "left"), propertyOf(node, "right")].filter((child) => child !== undefined),
    );
  }
  const ascending = [0, ...[...thresholds].sort((a, b) => a - b).map(leastFloat32From)];
  const stride = Math.ceil(ascending.length / maxSteps);
  return ascending.filter((_step, index) => index % stride === 0);
}

/** The least float32 that is not below a positive number: the first that a tree, which compares float32, sends to the right. */
function leastFloat32From(value: number): number {
  const single = Float32Array.of(value);
  if ((single[0] ?? value) < value)
    new Uint32Array(single.buffer).forEach((bits, i, all) => (all[i] = bits + 1));
  return single[0] ?? value;
}
