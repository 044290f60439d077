#!/usr/bin/env node
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import {
  atMostTimesObserved,
  increasing,
  notNegative,
  runTrainStage,
} from "@ml-pipelines/pipeline-utils/stage";
import { ORDERS_SCHEMA, prepareOrders } from "./orders.js";
import { HYPERPARAMETER_GRID, SEARCH_SETTINGS, searchTree } from "./search-tree.js";

await runTrainStage({
  name: "time-to-dispatch",
  datasetName: "time_to_dispatch",
  logModule: "train_model",
  modelClass: dtRegression,
  target: { name: "hours_to_dispatch", type: "number", unit: "hours", minimum: 0 },
  schema: ORDERS_SCHEMA,
  metrics: {
    r_squared: { better: "greater", gate: true },
    mean_absolute_error: { better: "less" },
  },
  settings: { grid: HYPERPARAMETER_GRID, ...SEARCH_SETTINGS },
  prepare: prepareOrders,
  train: searchTree,
  checks: [increasing("orders_placed", 100, 150), notNegative(), atMostTimesObserved(1.25)],
});
