import type { Table } from "apache-arrow";

import { findLatestArtefactOnS3 } from "../../aws/artefacts/find-latest.js";
import type { SearchOptions } from "../../aws/artefacts/options.js";
import type { Dataset } from "../../aws/datasets/dataset.js";
import { getLatestCsvDatasetFromS3 } from "../../aws/datasets/get-dataset.js";
import type { GetCsvDatasetOptions } from "../../aws/datasets/get-dataset.js";
import type { Feature } from "../../aws/models/feature.js";
import { PANDAS_INDEX } from "../../formats/csv/columns.js";
import type { ExpectedSchema } from "../../formats/schema/expected-schema.js";
import type { Logger } from "../../logging/logger.js";
import { BadDeliveryError, StageError } from "../program/errors.js";
import type { PreparedData } from "./prepared-data.js";
import type { TrainStageOptions } from "./train-options.js";

/** A file dated further ahead of the clock than this is a typing error: zones and slow clocks explain no more. */
const MAX_HOURS_AHEAD = 24;

/** Which dataset to get. */
export interface DeliveryOptions extends Omit<GetCsvDatasetOptions, "notAfter"> {
  /** Whether a file that is dated ahead of the clock counts. */
  readonly allowFuture: boolean;
  readonly log: Logger;
}

/**
 * Get the newest CSV dataset of a name. A file dated more than a day ahead of the clock is passed over with a warning: one typing
 * error would otherwise hide every later delivery.
 *
 * @throws {ArtefactNotFoundError} No dataset of that name.
 * @throws {FormatError} A malformed row, or values that break the schema.
 * @throws {S3AccessError}
 */
export async function getDelivery(
  bucket: string,
  { allowFuture, log, ...options }: DeliveryOptions,
): Promise<Dataset> {
  const notAfter = allowFuture ? undefined : await latestAccepted(bucket, options, log);
  return getLatestCsvDatasetFromS3(bucket, { ...options, notAfter });
}

/** The latest accepted timestamp. Warns of a file beyond it. */
async function latestAccepted(bucket: string, options: SearchOptions, log: Logger): Promise<Date> {
  const notAfter = new Date(Date.now() + MAX_HOURS_AHEAD * 3_600_000);
  const newest = await findLatestArtefactOnS3("csv", bucket, options);
  if (newest.timestamp > notAfter) {
    log.warn(
      `Passed over ${newest.address}: it is dated more than ${MAX_HOURS_AHEAD} hours ahead of the clock. ` +
        "Rename it, or accept it with --allow-future.",
    );
  }
  return notAfter;
}

/**
 * Check what a schema cannot say of a delivery, and prepare it.
 *
 * @param data - Read with the schema.
 * @param address - The dataset's, for the message.
 * @throws {BadDeliveryError} Unknown columns, no rows, and what `prepare` reports; the message has all of it.
 */
export async function prepareDelivery(
  data: Table,
  address: string,
  { schema, prepare }: Pick<TrainStageOptions<unknown>, "schema" | "prepare">,
): Promise<PreparedData> {
  const problems = checkColumns(data, schema);
  try {
    const prepared = await prepare(data);
    if (problems.length === 0) {
      return prepared;
    }
  } catch (error) {
    if (error instanceof BadDeliveryError) {
      problems.push(error.message);
    } else if (problems.length === 0) {
      throw error;
    }
  }
  throw new BadDeliveryError(`${address} is a bad delivery: ${problems.join("; ")}`);
}

function checkColumns(data: Table, schema: ExpectedSchema): string[] {
  const expected = Object.keys(schema);
  const problems = data.schema.fields
    .filter(({ name }) => !expected.includes(name) && name !== PANDAS_INDEX)
    .map(({ name }) => `column ${JSON.stringify(name)} is unknown, expected ${expected.join(", ")}`);
  if (data.numRows === 0) {
    problems.push("no rows below the header");
  }
  return problems;
}

/**
 * Make sure that prepared data is of one shape and fits its features, before hours of training rely on it. A model of other data
 * could never be served.
 *
 * @param address - The dataset's, for the message.
 * @throws {StageError} Columns that are not one a feature, columns of different lengths, no rows, a value that its feature does not
 *   allow, or a feature named `prediction`, which the examples of the model have beside its features.
 */
export function checkPrepared({ train, test, features }: PreparedData, address: string): void {
  if (features.some(({ name }) => name === "prediction")) {
    throw new StageError("prepare: a feature is named prediction, expected another name");
  }
  for (const [name, { columns, target }] of Object.entries({ train, test })) {
    const where = `${address}: prepare: ${name}`;
    if (columns.length !== features.length) {
      throw new StageError(
        `${where} has ${columns.length} columns, expected one for each of ${features.length} features`,
      );
    }
    if (target.length === 0) {
      throw new StageError(`${where} has 0 rows, expected at least 1`);
    }
    for (const [index, feature] of features.entries()) {
      const column = columns[index] ?? new Float64Array();
      if (column.length !== target.length) {
        throw new StageError(
          `${where}: ${feature.name} has ${column.length} rows, the target ${target.length}`,
        );
      }
      checkValues(column, feature, where);
    }
  }
}

function checkValues(column: Float64Array, feature: Feature, where: string): void {
  const row = column.findIndex((value) => !isAllowed(value, feature));
  if (row >= 0) {
    throw new StageError(
      `${where}: ${feature.name} is ${column[row]} in row ${row}, which the feature does not allow: ${JSON.stringify(feature)}`,
    );
  }
}

function isAllowed(value: number, feature: Feature): boolean {
  if (feature.type === "boolean") {
    return value === 0 || value === 1;
  }
  if (feature.type === "category") {
    return Number.isInteger(value) && value >= 0 && value < feature.categories.length;
  }
  const { minimum = -Infinity, maximum = Infinity, integer = false } = feature;
  return (
    Number.isFinite(value) && value >= minimum && value <= maximum && (!integer || Number.isInteger(value))
  );
}
