import type { ModelServerOptions } from "@ml-pipelines/model-server";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";

/** The web API of the article: all that is particular to it. */
export const timeToDispatch: ModelServerOptions = {
  name: "time-to-dispatch",
  title: "Time to dispatch",
  description: "How many hours until an order is dispatched, by product and number of orders placed.",
  modelClasses: [dtRegression],
  route: "/api/v0.1/time_to_dispatch",
  prediction: "est_hours_to_dispatch",
  // Clients depend on these: a model for other fields is a model for another service.
  fields: { product_code: "category", orders_placed: "number" },
  // Dashboards of before the model server know the predictions by this name.
  predictionHistogram: {
    name: "predicted_hours_to_dispatch",
    help: "Predicted hours, by product",
    buckets: [0.5, 1, 2, 4, 8, 16, 24, 48, 96, 192],
    label: "product_code",
  },
};
