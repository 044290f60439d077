import { trainTestSplit } from "@ml-pipelines/decision-tree";
import type { Orders } from "./orders.js";

/** Features, a column each, and the label of some of the rows. */
export interface Sample {
  /** In the order of the model's signature: `product_code`, `orders_placed`. This order settles ties between splits. */
  features: readonly [Float64Array, Float64Array];
  /** Hours to dispatch. */
  label: Float64Array;
}

/** The rows to train on and the rows to test with. */
export interface FeaturesAndLabels {
  train: Sample;
  test: Sample;
}

/** Split the orders 80/20, each product in the same proportion, with scikit-learn's shuffle for seed 42. */
export function prepareData(orders: Orders): FeaturesAndLabels {
  const rows = trainTestSplit({ testSize: 0.2, stratify: orders.productCode, randomState: 42 });
  return { train: take(orders, rows.train), test: take(orders, rows.test) };
}

function take(orders: Orders, rows: Int32Array): Sample {
  const pick = (column: Float64Array) => {
    // A loop: of a million rows, `Float64Array.from` with a function takes several tenths of a second.
    const picked = new Float64Array(rows.length);
    for (const [i, row] of rows.entries()) picked[i] = column[row] ?? NaN;
    return picked;
  };
  return {
    features: [pick(orders.productCode), pick(orders.ordersPlaced)],
    label: pick(orders.hoursToDispatch),
  };
}
