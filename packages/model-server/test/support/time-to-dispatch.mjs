import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";

/**
 * The service of the article, as its app has it.
 *
 * @type {import("../../src/options.js").ModelServerOptions}
 */
export const timeToDispatch = {
  name: "time-to-dispatch",
  title: "Time to dispatch",
  description: "How many hours until an order is dispatched, by product and number of orders placed.",
  modelClasses: [dtRegression],
  route: "/api/v0.1/time_to_dispatch",
  prediction: "est_hours_to_dispatch",
  fields: { product_code: "category", orders_placed: "number" },
  predictionHistogram: {
    name: "predicted_hours_to_dispatch",
    help: "Predicted hours, by product",
    buckets: [0.5, 1, 2, 4, 8, 16, 24, 48, 96, 192],
    label: "product_code",
  },
};
