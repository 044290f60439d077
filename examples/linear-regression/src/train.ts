import { increasing, notNegative, runTrainStage } from "@ml-pipelines/pipeline-utils/stage";
import type { PreparedData } from "@ml-pipelines/pipeline-utils/stage";
import { fitLinear, linearModel } from "./linear.js";

const FEATURES = [
  { name: "orders_placed", type: "number", minimum: 0, description: "Orders placed on the same day" },
  { name: "distance", type: "number", minimum: 0, maximum: 5_000, unit: "km" },
  { name: "express", type: "boolean", description: "Whether the order is dispatched first" },
] as const;

/** Hold every fifth row out, for the metrics and the checks. */
function prepare(table: { getChild(name: string): Iterable<unknown> | null }): PreparedData {
  const sample = (isTaken: (row: number) => boolean) => {
    const column = (name: string) =>
      Float64Array.from(
        [...(table.getChild(name) ?? [])].filter((_value, row) => isTaken(row)),
        Number,
      );
    return { columns: FEATURES.map(({ name }) => column(name)), target: column("hours_to_dispatch") };
  };
  return { train: sample((row) => row % 5 > 0), test: sample((row) => row % 5 === 0), features: FEATURES };
}

await runTrainStage({
  name: "hours",
  datasetName: "hours",
  logModule: "train",
  modelClass: linearModel,
  target: { name: "hours_to_dispatch", type: "number", unit: "hours" },
  // All violations of a delivery are reported together, with line numbers.
  schema: {
    orders_placed: { type: "number", minimum: 0 },
    distance: { type: "number", minimum: 0, maximum: 5_000 },
    express: { type: "boolean" },
    hours_to_dispatch: { type: "number", minimum: 0 },
  },
  metrics: { r_squared: { better: "greater", gate: true }, mean_absolute_error: { better: "less" } },
  prepare,
  train: ({ train }) => ({ model: fitLinear(train.columns, train.target) }),
  checks: [increasing("orders_placed", 10, 100), notNegative()],
});
