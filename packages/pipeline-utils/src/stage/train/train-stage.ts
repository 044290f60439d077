import { setImmediate } from "node:timers/promises";

import type { S3TimestampedArtefact } from "../../aws/artefacts/artefact.js";
import type { TransferProgress } from "../../aws/artefacts/options.js";
import { createS3Client } from "../../aws/client.js";
import type { JsonObject } from "../../aws/models/json-value.js";
import { Model } from "../../aws/models/model.js";
import { readSigningKey } from "../../aws/models/signing-keys.js";
import { StageError } from "../program/errors.js";
import { Progress } from "../program/progress.js";
import type { ProgramContext } from "../program/run-program.js";
import { rejectIssues } from "./checks.js";
import { checkPrepared, getDelivery, prepareDelivery } from "./delivery.js";
import { evaluateModel, measureInterval, sampleEvaluation } from "./evaluation.js";
import type { Evaluation } from "./evaluation.js";
import { makeExamples } from "./examples.js";
import { passGate, warnOfThresholds } from "./gate.js";
import type { Metrics, Thresholds } from "./gate.js";
import type { PreparedData } from "./prepared-data.js";
import type { TrainedModel, TrainProgress, TrainStageOptions } from "./train-options.js";

/** One run of a stage. */
export interface TrainRun<M> extends ProgramContext {
  readonly options: TrainStageOptions<M>;
  /** `predict` of the model class. */
  readonly predict: (model: M, row: readonly number[]) => number;
  readonly metrics: Metrics;
  readonly bucket: string;
  /** undefined if no metric is gated. */
  readonly thresholds: Thresholds | undefined;
  readonly allowFuture: boolean;
}

/**
 * Train on the newest dataset, check the model, and write it to S3. README.md of this folder has the order of the
 * steps.
 *
 * @returns The artefact that was written.
 * @throws {StageError} A bad delivery, a failed check or a failed gate. Nothing was written.
 * @throws {PipelineUtilsError} Storage failed, or has no dataset. `MODEL_SIGNING_KEY` cannot sign.
 * @throws The signal's reason, once the signal is aborted.
 */
export async function trainStage<M>(run: TrainRun<M>): Promise<S3TimestampedArtefact> {
  const { options, bucket, log, signal } = run;
  log.info("Starting train-model stage.");
  warnOfThresholds(run.metrics, run.thresholds, log);
  // A key that cannot sign must not cost hours of training.
  readSigningKey();
  const client = createS3Client({
    onRetry({ message }) {
      log.warn(message);
    },
  });
  const dataset = await withProgress(run, "Downloading", (onProgress) =>
    getDelivery(bucket, {
      folder: "datasets",
      filenamePrefix: options.datasetName,
      schema: options.schema,
      allowFuture: run.allowFuture,
      ...{ client, signal, log, onProgress },
    }),
  );
  const address = `s3://${bucket}/${dataset.key}`;
  log.info(`Retrieved dataset from ${address}`);

  const data = await prepareDelivery(dataset.data, address, options);
  checkPrepared(data, options.target, address);
  await nextTurn(signal);
  const trained = await train(run, data);
  await nextTurn(signal);
  const evaluation = evaluateModel((row) => run.predict(trained.model, row), data, options.target);
  const scores = score(run, evaluation);
  await nextTurn(signal);
  rejectIssues((options.checks ?? []).map((check) => check(evaluation)));
  passGate(run.metrics, run.thresholds, scores, log);
  const model = new Model({
    name: options.name,
    model: trained.model,
    modelClass: options.modelClass,
    trainDataset: dataset,
    features: data.features,
    target: options.target,
    metadata: describeTraining(trained, scores, evaluation),
  });
  await nextTurn(signal);
  const artefact = await withProgress(run, "Uploading", (onProgress) =>
    model.putModelToS3({ bucket, folder: "models", client, signal, onProgress }),
  );
  log.info(`Model serialised and persisted to ${artefact.address}`);
  return artefact;
}

async function train<M>({ options, signal, log }: TrainRun<M>, data: PreparedData): Promise<TrainedModel<M>> {
  const progress = new Progress(log, "Training", "steps");
  const onProgress = ({ completed, total }: TrainProgress): void => {
    progress.update(completed, total);
  };
  try {
    return await options.train({ train: data.train, features: data.features, signal, log, onProgress });
  } finally {
    progress.end();
  }
}

/**
 * Score the predictions for the held-out rows by each metric.
 *
 * @throws {StageError} A metric is not a finite number, which JSON cannot hold.
 */
function score<M>({ metrics, log }: TrainRun<M>, { test, predictions }: Evaluation): Record<string, number> {
  const scores = metrics.all.map((metric) => ({ ...metric, value: metric.score(test.target, predictions) }));
  for (const { name, value } of scores) {
    // The gate rejects its own metric with its own message.
    if (!Number.isFinite(value) && name !== metrics.gated?.name) {
      throw new StageError(`metric ${name} is ${value} for ${predictions.length} held-out rows`);
    }
  }
  const shown = scores.map(({ label, value }) => `${label}=${value.toFixed(3)}`);
  log.info(["Trained model", ...(shown.length === 0 ? [] : [shown.join(", ")])].join(": "));
  return Object.fromEntries(scores.map(({ name, value }) => [name, value]));
}

/** The metadata of the model. */
function describeTraining<M>(
  { details }: TrainedModel<M>,
  scores: Readonly<Record<string, number>>,
  evaluation: Evaluation,
): JsonObject {
  const { train: trained, test, profile } = evaluation;
  const interval = measureInterval(evaluation);
  return {
    ...details,
    metrics: scores,
    rows: { train: trained.target.length, test: test.target.length },
    profile,
    evaluation: sampleEvaluation(evaluation),
    ...(interval !== undefined && { interval }),
    examples: makeExamples(evaluation),
  };
}

async function withProgress<M, T>(
  { log }: TrainRun<M>,
  work: string,
  transfer: (onProgress: (progress: TransferProgress) => void) => Promise<T>,
): Promise<T> {
  const progress = new Progress(log, work, "bytes");
  try {
    return await transfer(({ bytesDone, bytesTotal }) => {
      progress.update(bytesDone, bytesTotal);
    });
  } finally {
    progress.end();
  }
}

/** Preparing or scoring a million rows blocks for up to 0.5 s. Yield so that signals and deadlines are handled. */
async function nextTurn(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}
