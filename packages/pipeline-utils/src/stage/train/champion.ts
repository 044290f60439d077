import type { S3Client } from "@aws-sdk/client-s3";

import type { Feature, Target } from "../../aws/models/feature.js";
import { getDatasetFromS3 } from "../../aws/datasets/get-dataset.js";
import { getModelFromS3 } from "../../aws/models/get-model.js";
import { readCommit } from "../../aws/models/model.js";
import type { Model } from "../../aws/models/model.js";
import { decodeValue } from "../../aws/models/row.js";
import { getAlias } from "../../aws/registry/read-registry.js";
import { ArtefactChangedError, ArtefactNotFoundError, ModelIntegrityError } from "../../errors.js";
import { BadDeliveryError, StageError } from "../program/errors.js";
import { compareErrors } from "./paired-bound.js";
import type { PreparedData, Sample } from "./prepared-data.js";
import type { TrainRun } from "./train-run.js";

/** With fewer rows, a model that is worse by a quarter passes more often than one time in five. */
const MIN_ROWS = 100;

/** A model that is to replace the champion, and the data that it was trained on. */
export interface Challenger<M> {
  readonly model: Model<M>;
  readonly data: PreparedData;
}

/**
 * Compare a model with the one that an alias names, on held-out rows that the champion has not trained on.
 *
 * The model passes with a warning if there is nothing to compare it with: no champion yet, a champion with another
 * signature, or no such rows.
 *
 * @throws {StageError} The model is worse, by a one-sided 95 % bound on the difference of absolute errors.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function passChampion<M>(
  run: TrainRun<M>,
  alias: string,
  { model, data }: Challenger<M>,
  client: S3Client,
): Promise<void> {
  const { log, predict } = run;
  const champion = await findChampion(run, alias, client);
  if (typeof champion === "string") {
    log.warn(`Passed without a comparison with ${alias}: ${champion}`);
    return;
  }
  if (signatureOf(champion) !== signatureOf(model)) {
    log.warn(`Passed without a comparison with ${alias}: its model has another signature`);
    return;
  }
  const seen = await rowsSeenBy(champion, run, client);
  const rows = typeof seen === "string" ? [] : unseenRows(data, model, seen);
  if (rows.length < 2) {
    const reason = typeof seen === "string" ? seen : "its model has trained on all held-out rows";
    log.warn(`Passed without a comparison with ${alias}: ${reason}`);
    return;
  }
  const errorsOf = ({ model: tested, target }: Model<M>): Float64Array =>
    Float64Array.from(rows, (row) => {
      const input = data.test.columns.map((column) => column[row] ?? NaN);
      const [actual, predicted] = [data.test.target[row] ?? NaN, predict(tested, input)];
      return target?.type === "category" ? Number(actual !== predicted) : Math.abs(actual - predicted);
    });
  const compared = compareErrors(errorsOf(champion), errorsOf(model));
  const label = model.target?.type === "category" ? "share of wrong classes" : "MAE";
  const figures =
    `${label} ${compared.challenger.toPrecision(4)}, ${alias} has ${compared.champion.toPrecision(4)}, ` +
    `on ${rows.length} of ${data.test.target.length} held-out rows, which its model has not trained on`;
  if (compared.isWorse) {
    throw new StageError(
      `the model is worse than ${alias} (${champion.creationTime.toISOString()}): ${figures}`,
    );
  }
  log.info(`Not worse than ${alias}: ${figures}`);
  if (rows.length < MIN_ROWS) {
    log.warn(`Fewer than ${MIN_ROWS} rows prove little: a model that is worse may have passed.`);
  }
}

/** Load the model that an alias names. Text if there is none to compare with: the reason. */
async function findChampion<M>(
  { options, bucket, signal }: TrainRun<M>,
  alias: string,
  client: S3Client,
): Promise<Model<M> | string> {
  const found = await getAlias(bucket, options.name, alias, { client, signal });
  if (found === undefined) {
    return "it names no model yet";
  }
  const { key, etag } = found.model;
  try {
    return await getModelFromS3(options.modelClass, bucket, key, { etag, client, signal });
  } catch (error) {
    if (isGone(error) || error instanceof ModelIntegrityError) {
      return error.message;
    }
    throw error;
  }
}

function isGone(error: unknown): error is Error {
  return error instanceof ArtefactNotFoundError || error instanceof ArtefactChangedError;
}

/** The signature as text. Descriptions and bounds may change; then the models still take the same rows. */
function signatureOf({ features, target }: Model<unknown>): string {
  const column = (each: Feature | Target | undefined): unknown[] =>
    each === undefined ? [] : [each.name, each.type, ...(each.type === "category" ? each.categories : [])];
  return JSON.stringify([...features, target].map(column));
}

/**
 * The rows that a champion has trained on, counted. Its dataset is read by its hash, and prepared as the new one.
 *
 * Another commit may have split the data in another way. Then all rows of the dataset count.
 *
 * @returns Text if they cannot be known: the reason.
 */
async function rowsSeenBy<M>(
  champion: Model<M>,
  { options, signal }: TrainRun<M>,
  client: S3Client,
): Promise<Map<string, number> | string> {
  const { trainDataset, pipelineGitCommitHash, target } = champion;
  const { schema, prepare } = options;
  let prepared: PreparedData;
  try {
    const dataset = await getDatasetFromS3(trainDataset, { schema, client, signal });
    prepared = await prepare(dataset.data);
  } catch (error) {
    if (isGone(error) || error instanceof BadDeliveryError) {
      return `the dataset of its model cannot be read: ${error.message}`;
    }
    throw error;
  }
  const isSameCode = pipelineGitCommitHash === readCommit();
  const samples = isSameCode ? [prepared.train] : [prepared.train, prepared.test];
  const seen = new Map<string, number>();
  for (const sample of samples) {
    for (const row of sample.target.keys()) {
      const text = describe(sample, row, prepared.features, target);
      seen.set(text, (seen.get(text) ?? 0) + 1);
    }
  }
  return seen;
}

/** The held-out rows that are not among those seen. A row that occurs twice is seen as often as it was trained on. */
function unseenRows(
  { test, features }: PreparedData,
  { target }: Model<unknown>,
  seen: Map<string, number>,
): number[] {
  return [...test.target.keys()].filter((row) => {
    const text = describe(test, row, features, target);
    const count = seen.get(text) ?? 0;
    seen.set(text, count - 1);
    return count <= 0;
  });
}

/** A row by its values, because two datasets may number their categories in another way. */
function describe(
  { columns, target: values }: Sample,
  row: number,
  features: readonly Feature[],
  target: Target | undefined,
): string {
  const inputs = features.map((feature, column) => decodeValue(feature, columns[column]?.[row] ?? NaN));
  const value = values[row] ?? NaN;
  return JSON.stringify([...inputs, target === undefined ? value : decodeValue(target, value)]);
}
