import { configureLogger, getLatestCsvDatasetFromS3, Model } from "@ml-pipelines/pipeline-utils";
import { fitLine, lineModel } from "./line.js";

/** A delivery that is otherwise is refused, with all that is wrong named by line. */
const schema = {
  orders_placed: { type: "number", minimum: 0 },
  hours_to_dispatch: { type: "number" },
} as const;

/** The newest dataset of the bucket becomes its newest model. */
export async function train(bucket: string): Promise<string> {
  const log = configureLogger({ module: "train" });
  const dataset = await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", schema });
  const column = (name: string) => Float64Array.from(dataset.data.getChild(name) ?? [], Number);
  const model = new Model({
    name: "hours",
    model: fitLine(column("orders_placed"), column("hours_to_dispatch")),
    modelClass: lineModel,
    trainDataset: dataset,
    features: [{ name: "orders_placed", type: "number", minimum: 0 }],
  });
  const { address } = await model.putModelToS3({ bucket, folder: "models" });
  log.info(`Trained on ${dataset.key}: ${address}`);
  return address;
}
