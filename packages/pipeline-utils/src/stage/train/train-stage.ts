import { setImmediate } from "node:timers/promises";

import type { S3Client } from "@aws-sdk/client-s3";

import type { S3TimestampedArtefact } from "../../aws/artefacts/artefact.js";
import type { TransferProgress } from "../../aws/artefacts/options.js";
import { putObjectToS3 } from "../../aws/artefacts/put/put-object.js";
import { createS3Client } from "../../aws/client.js";
import type { Dataset } from "../../aws/datasets/dataset.js";
import { getModelFromS3 } from "../../aws/models/get-model.js";
import type { JsonObject } from "../../aws/models/json-value.js";
import { Model } from "../../aws/models/model.js";
import { readSigningKey } from "../../aws/models/signing-keys.js";
import { MODELS_FOLDER } from "../../aws/registry/list-models.js";
import { promoteModel } from "../../aws/registry/promote-model.js";
import { getAlias } from "../../aws/registry/read-registry.js";
import { makeTimestampedFilename } from "../../aws/timestamped-key.js";
import { renderModelCard } from "../../report/model-card.js";
import { StageError } from "../program/errors.js";
import { Progress } from "../program/progress.js";
import { passChampion } from "./champion.js";
import type { Challenger } from "./champion.js";
import { rejectIssues, titleOf } from "./checks.js";
import { reportDataChanges } from "./data-changes.js";
import { checkPrepared, getDelivery, prepareDelivery } from "./delivery.js";
import { evaluateModel, measureImportance, measureInterval, sampleEvaluation } from "./evaluation.js";
import type { Evaluation } from "./evaluation.js";
import { makeExamples } from "./examples.js";
import { describeGate, passGate, warnOfThresholds } from "./gate.js";
import { findSameModel } from "./newest-model.js";
import type { PreparedData } from "./prepared-data.js";
import type { TrainRun } from "./train-run.js";
import type { TrainedModel, TrainProgress } from "./train-options.js";

/** Where cards and other reports are written. */
const REPORTS_FOLDER = "reports";

/**
 * Train on the newest dataset, check the model, and write it to S3. README.md of this folder has the order of the
 * steps.
 *
 * @throws {StageError} A bad delivery, moved data, a failed check or a failed gate: nothing was written. Or the model is worse than
 *   the champion: it was written, and not promoted.
 * @throws {PipelineUtilsError} Storage failed, or has no dataset. `MODEL_SIGNING_KEY` cannot sign.
 * @throws The signal's reason, once the signal is aborted.
 */
export async function trainStage<M>(run: TrainRun<M>): Promise<void> {
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
  run.noteDataset(address);
  log.info(`Retrieved dataset from ${address}`);

  const data = await prepareDelivery(dataset.data, address, options);
  checkPrepared(data, options.target, address);
  await nextTurn(signal);
  const same = run.ifNew ? await findSameModel(run, dataset, client) : undefined;
  if (same !== undefined) {
    log.info(`Nothing new: s3://${bucket}/${same} is of this dataset, commit and settings.`);
    const model = await getModelFromS3(options.modelClass, bucket, same, { client, signal });
    await promote(run, same, { model, data }, client);
    return;
  }
  await reportDataChanges(run, dataset, data, client);
  await nextTurn(signal);
  const { model, key } = await trainAndPut(run, dataset, data, client);
  await promote(run, key, { model, data }, client);
}

/** Train, evaluate, check and write a model. */
async function trainAndPut<M>(
  run: TrainRun<M>,
  dataset: Dataset,
  data: PreparedData,
  client: S3Client,
): Promise<{ model: Model<M>; key: string }> {
  const { options, bucket, log, signal } = run;
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
    metadata: describeTraining(run, trained, scores, evaluation),
  });
  await nextTurn(signal);
  const artefact = await withProgress(run, "Uploading", (onProgress) =>
    model.putModelToS3({ bucket, folder: MODELS_FOLDER, client, signal, onProgress }),
  );
  log.info(`Model serialised and persisted to ${artefact.address}`);
  await putCard(run, model, artefact, client);
  return { model, key: artefact.key };
}

/** Write the model's card beside it. The model is there, so a failure is a warning. */
async function putCard<M>(
  { options: { modelClass }, bucket, log, signal }: TrainRun<M>,
  model: Model<M>,
  { address }: S3TimestampedArtefact,
  client: S3Client,
): Promise<void> {
  try {
    const html = renderModelCard(model, { modelClass, address });
    const filename = makeTimestampedFilename(model.name, model.creationTime, "html");
    const body = new TextEncoder().encode(html);
    const card = await putObjectToS3(body, { bucket, folder: REPORTS_FOLDER, filename, client, signal });
    log.info(`Model card persisted to ${card.address}`);
  } catch (error) {
    signal.throwIfAborted();
    log.warn(`No model card was written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Compare a model with the champion, and promote it. An alias that names it already is left as it is. */
async function promote<M>(
  run: TrainRun<M>,
  key: string,
  challenger: Challenger<M>,
  client: S3Client,
): Promise<void> {
  const { options, bucket, log, signal, champion, promote: alias } = run;
  const call = { client, signal };
  const address = `s3://${bucket}/${key}`;
  const current = alias === undefined ? undefined : await getAlias(bucket, options.name, alias, call);
  if (current?.model.key === key) {
    log.info(`Promoted already: ${current.alias} names ${address}, sequence ${current.sequence}`);
    return;
  }
  if (champion !== undefined) {
    await passChampion(run, champion, challenger, client);
  }
  if (alias !== undefined) {
    const reason = `trained on ${challenger.model.trainDataset.key}`;
    const { sequence } = await promoteModel(bucket, options.name, key, { alias, reason, ...call });
    log.info(`Promoted: ${alias} names ${address}, sequence ${sequence}`);
  }
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
  { options: { settings, checks = [] }, metrics, thresholds }: TrainRun<M>,
  { details }: TrainedModel<M>,
  scores: Readonly<Record<string, number>>,
  evaluation: Evaluation,
): JsonObject {
  const { train: trained, test, profile } = evaluation;
  const interval = measureInterval(evaluation);
  const importance = measureImportance(evaluation);
  const gate = describeGate(metrics, thresholds, scores);
  return {
    ...details,
    metrics: scores,
    rows: { train: trained.target.length, test: test.target.length },
    profile,
    evaluation: sampleEvaluation(evaluation),
    ...(interval !== undefined && { interval }),
    ...(importance !== undefined && { importance }),
    ...(gate !== undefined && { gate }),
    checks: checks.map(titleOf),
    examples: makeExamples(evaluation),
    ...(settings !== undefined && { settings }),
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
