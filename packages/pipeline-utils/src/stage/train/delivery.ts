import type { Table } from "apache-arrow";

import { findLatestArtefactOnS3 } from "../../aws/artefacts/find-artefacts.js";
import type { SearchOptions } from "../../aws/artefacts/options.js";
import type { Dataset } from "../../aws/datasets/dataset.js";
import { getLatestCsvDatasetFromS3 } from "../../aws/datasets/get-dataset.js";
import type { GetCsvDatasetOptions } from "../../aws/datasets/get-dataset.js";
import type { Feature, Target } from "../../aws/models/feature.js";
import { latestAcceptedTimestamp } from "../../aws/timestamped-key.js";
import { PANDAS_INDEX } from "../../formats/csv/header.js";
import type { ExpectedSchema } from "../../formats/expected-schema.js";
import type { Logger } from "../../logging/logger.js";
import { BadDeliveryError, StageError } from "../program/errors.js";
import type { PreparedData } from "./prepared-data.js";
import type { TrainStageOptions } from "./train-options.js";

/** Which dataset to get. */
export interface DeliveryOptions extends Omit<GetCsvDatasetOptions, "notAfter"> {
  /** Whether to accept a file that is dated ahead of the clock. */
  readonly allowFuture: boolean;
  readonly log: Logger;
}

/**
 * Get the newest CSV dataset of a name.
 *
 * A file dated more than a day ahead of the clock is skipped with a warning. Otherwise one typing error would hide all
 * later deliveries.
 *
 * @throws {ArtefactNotFoundError} No dataset has that name.
 * @throws {FormatError} A malformed row, or values that violate the schema.
 * @throws {S3AccessError} S3 failed or denied access.
 */
export async function getDelivery(
  bucket: string,
  { allowFuture, log, ...options }: DeliveryOptions,
): Promise<Dataset> {
  const { folder, filenamePrefix, recursive, client, signal } = options;
  const search = { folder, filenamePrefix, recursive, client, signal };
  const notAfter = allowFuture ? undefined : await latestAccepted(bucket, search, log);
  return getLatestCsvDatasetFromS3(bucket, { ...options, notAfter });
}

/** The latest accepted timestamp. Warns if a file is dated later. */
async function latestAccepted(bucket: string, options: SearchOptions, log: Logger): Promise<Date> {
  const notAfter = latestAcceptedTimestamp();
  const newest = await findLatestArtefactOnS3("csv", bucket, options);
  if (newest.timestamp > notAfter) {
    log.warn(
      `Passed over ${newest.address}: it is dated more than 24 hours ahead of the clock. ` +
        "Rename it, or accept it with --allow-future.",
    );
  }
  return notAfter;
}

/**
 * Check a delivery for violations that a schema cannot express, and prepare it.
 *
 * @param data - Dataset that was read with the schema.
 * @param address - Address of the dataset, for the message.
 * @throws {BadDeliveryError} Unknown columns, no rows, or violations that `prepare` reports. The message has all of
 *   them.
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
 * Check the shape of prepared data and its values, before hours of training rely on it. A server could not serve a
 * model of invalid data.
 *
 * @param address - Address of the dataset, for the message.
 * @throws {StageError} The number of columns differs from the number of features, columns differ in length, there are
 *   no rows, or a feature or the target does not allow a value. Also if a feature is named `prediction`, because the model's examples
 *   use that name.
 */
export function checkPrepared(
  { train, test, features }: PreparedData,
  expectedTarget: Target,
  address: string,
): void {
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
    checkValues(target, expectedTarget, `${where}: the target`);
    for (const [index, feature] of features.entries()) {
      const column = columns[index] ?? new Float64Array();
      if (column.length !== target.length) {
        throw new StageError(
          `${where}: ${feature.name} has ${column.length} rows, the target ${target.length}`,
        );
      }
      checkValues(column, feature, `${where}: the feature`);
    }
  }
}

function checkValues(column: Float64Array, expected: Feature, where: string): void {
  const row = column.findIndex((value) => !isAllowed(value, expected));
  if (row >= 0) {
    const hint =
      expected.type === "category" ? "; categories in the schema would name the value and its line" : "";
    throw new StageError(
      `${where} ${expected.name} is ${column[row]} in row ${row}, expected ${JSON.stringify(expected)}${hint}`,
    );
  }
}

function isAllowed(value: number, feature: Feature): boolean {
  switch (feature.type) {
    case "boolean":
      return value === 0 || value === 1;
    case "category":
      return Number.isInteger(value) && value >= 0 && value < feature.categories.length;
    case "number": {
      const { minimum = -Infinity, maximum = Infinity, integer = false } = feature;
      const isWhole = !integer || Number.isInteger(value);
      return Number.isFinite(value) && value >= minimum && value <= maximum && isWhole;
    }
  }
}
