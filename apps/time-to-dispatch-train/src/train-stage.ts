import { setImmediate } from "node:timers/promises";
import type { DecisionTreeRegressor } from "@ml-pipelines/decision-tree";
import type { Dataset, Feature, Logger, S3TimestampedArtefact } from "@ml-pipelines/pipeline-utils";
import { Model, createS3Client, getLatestCsvDatasetFromS3 } from "@ml-pipelines/pipeline-utils";
import type { MlCartTree } from "@ml-pipelines/pipeline-utils/ml-cart";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import { below } from "./below.js";
import { StageError } from "./errors.js";
import type { HYPERPARAMETER_GRID } from "./hyperparameters.js";
import type { Orders } from "./orders.js";
import { ORDERS_SCHEMA, checkOrders } from "./orders.js";
import { prepareData } from "./prepare-data.js";
import type { FeaturesAndLabels } from "./prepare-data.js";
import { Progress } from "./progress.js";
import { summariseSearch } from "./search-summary.js";
import { trainModel } from "./train-model.js";
import type { TrainedModel } from "./train-model.js";
import { validateTrainedModelLogic } from "./validate-trained-model-logic.js";

/** Where to train and what to accept. */
export interface TrainStageOptions {
  bucket: string;
  /** r-squared below which no model is kept. */
  errorThreshold: number;
  /** r-squared below which a model is kept with a warning. */
  warningThreshold: number;
  grid: typeof HYPERPARAMETER_GRID;
  /** Ends the stage with its reason; nothing is written then. */
  signal: AbortSignal;
  log: Logger;
}

/**
 * The batch stage: newest dataset, search, checks, gate, model to S3.
 *
 * @returns The model's place in the bucket.
 * @throws {StageError} Bad data, a failed check or a failed gate; nothing was written.
 * @throws The signal's reason, once it has been aborted.
 * @throws {PipelineUtilsError} Storage failed, or holds no dataset.
 */
export async function trainStage(options: TrainStageOptions): Promise<S3TimestampedArtefact> {
  const { bucket, errorThreshold, warningThreshold, grid, signal, log } = options;
  log.info("Starting train-model stage.");
  if (warningThreshold < errorThreshold)
    log.warn(
      `The warning threshold ${warningThreshold} is below the error threshold ${errorThreshold}: it can never fire.`,
    );
  const client = createS3Client({
    onRetry: ({ message }) => {
      log.warn(message);
    },
  });
  const download = new Progress(log, "Downloading", "bytes");
  const dataset = await getLatestCsvDatasetFromS3(bucket, {
    folder: "datasets",
    schema: ORDERS_SCHEMA,
    client,
    signal,
    onProgress: ({ bytesDone, bytesTotal }) => {
      download.update(bytesDone, bytesTotal);
    },
  }).finally(() => {
    download.end();
  });
  const address = `s3://${bucket}/${dataset.key}`;
  log.info(`Retrieved dataset from ${address}`);

  const orders = checkOrders(dataset.data, address);
  const data = prepareData(orders);
  // Of a million rows this took half a second, in which no signal and no deadline was heard.
  await setImmediate();
  signal.throwIfAborted();
  const search = new Progress(log, "Searching", "scores");
  const trained = await trainModel(data, grid, {
    signal,
    onProgress: ({ completed, total }) => {
      search.update(completed, total);
    },
  }).finally(() => {
    search.end();
  });
  const { rSquared, meanAbsoluteError } = trained.metrics;
  log.info(`Trained model: r-squared=${rSquared.toFixed(3)}, MAE=${meanAbsoluteError.toFixed(3)}`);

  validateTrainedModelLogic(trained.model, data, orders.products);
  // Written so that a metric that is no number fails.
  if (!(rSquared >= errorThreshold))
    throw new StageError(
      `r-squared metric (${below(rSquared, errorThreshold)}) is below deployment threshold ${errorThreshold}`,
    );
  if (rSquared < warningThreshold)
    log.warn(
      `Metrics breached warning threshold - check for drift: r-squared=${below(rSquared, warningThreshold)} is below ${warningThreshold}`,
    );
  const upload = new Progress(log, "Uploading", "bytes");
  const artefact = await wrapModel(trained, dataset, orders, data)
    .putModelToS3({
      bucket,
      folder: "models",
      client,
      signal,
      onProgress: ({ bytesDone, bytesTotal }) => {
        upload.update(bytesDone, bytesTotal);
      },
    })
    .finally(() => {
      upload.end();
    });
  log.info(`Model serialised and persisted to ${artefact.address}`);
  return artefact;
}

function wrapModel(
  { model, metrics, search }: TrainedModel,
  trainDataset: Dataset,
  orders: Orders,
  data: FeaturesAndLabels,
): Model<MlCartTree> {
  return new Model({
    name: "time-to-dispatch",
    model: model.toMlCart(),
    modelClass: dtRegression,
    trainDataset,
    features: signature(orders.products),
    metadata: {
      metrics: { r_squared: metrics.rSquared, mean_absolute_error: metrics.meanAbsoluteError },
      search: summariseSearch(search),
      rows: { train: data.train.label.length, test: data.test.label.length },
      examples: examples(model, orders.products),
    },
  });
}

/** The model's inputs in column order. */
function signature(products: readonly string[]): Feature[] {
  return [
    { name: "product_code", type: "category", categories: products },
    { name: "orders_placed", type: "number", minimum: 0 },
  ];
}

/** A few inputs with their predictions, so that whoever loads the model can tell that it still predicts the same. */
function examples(model: DecisionTreeRegressor, products: readonly string[]) {
  return products.flatMap((product_code, code) =>
    [1, 50, 150].map((orders_placed) => ({
      product_code,
      orders_placed,
      prediction: model.predict([Float64Array.of(code), Float64Array.of(orders_placed)])[0] ?? NaN,
    })),
  );
}
