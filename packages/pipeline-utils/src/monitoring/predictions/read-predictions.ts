import { isDate } from "node:util/types";

import type { RecordBatch, Table } from "apache-arrow";

import { argumentError, checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { checkLogName } from "./log-key.js";
import type { ReadPredictionsOptions } from "./read-options.js";

const OPTIONS: OptionKinds<ReadPredictionsOptions> = {
  from: "other",
  to: "other",
  client: "client",
  headers: "other",
  signal: "signal",
};

/** Longest interval. It bounds the number of listings. */
const MAX_DAYS = 3_660;
const DAY_MILLISECONDS = 86_400_000;

/**
 * Read a prediction log as one table.
 *
 * Only the folders of the days and hours in `[from, to)` are listed. Rows are in the order of hours, and within an hour
 * in that of the objects' keys.
 *
 * @param bucket - Name, without `s3://`.
 * @param name - Name of the models: `time-to-dispatch`.
 * @returns Columns `time` (timestamp in milliseconds, UTC), `id`, `model_key`, `model_hash` (text), one of each input, and
 *   `prediction`. An input is a number, a boolean or text, and text if its values are of several types; it is null where a
 *   row does not have it. An input with the name of another column is called `inputs.NAME`.
 * @throws {FormatError} A damaged line or object. The message has its key and the number of the line, from 1.
 * @throws {ArtefactChangedError} An object's bytes do not match its hash.
 * @throws {S3AccessError} S3 failed or denied access.
 * @throws {TypeError} An option is missing, unknown or has the wrong type, or `to` is not after `from`.
 *
 * @example
 * ```ts
 * import { readPredictions } from "@ml-pipelines/pipeline-utils/monitoring";
 *
 * const [from, to] = [new Date("2021-07-01"), new Date("2021-07-08")];
 * const table = await readPredictions("my-bucket", "hours", { from, to });
 * console.log(`${table.numRows} rows of ${table.schema.names.join(", ")}`);
 * ```
 *
 * prints
 *
 * ```
 * 0 rows of time, id, model_key, model_hash, prediction
 * ```
 */
export async function readPredictions(
  bucket: string,
  name: string,
  options: ReadPredictionsOptions,
): Promise<Table> {
  checkInterval(name, options);
  // Loaded here, because a service reads no log and needs no Arrow.
  const { predictionRows } = await import("./prediction-reader.js");
  const { PredictionColumns } = await import("./prediction-columns.js");
  const columns = new PredictionColumns();
  for await (const row of predictionRows(bucket, name, options)) {
    columns.add(row);
  }
  return columns.toTable();
}

/**
 * Read a prediction log in batches. Everything else is as for {@link readPredictions}.
 *
 * A batch and eight objects of the log are in memory at a time.
 *
 * @returns Batches of at most 16,384 rows, each with the inputs of its own rows; none for an interval without rows.
 */
export async function* readPredictionBatches(
  bucket: string,
  name: string,
  options: ReadPredictionsOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  checkInterval(name, options);
  const { predictionRows } = await import("./prediction-reader.js");
  const { BATCH_ROWS, PredictionColumns } = await import("./prediction-columns.js");
  let columns = new PredictionColumns();
  for await (const row of predictionRows(bucket, name, options)) {
    columns.add(row);
    if (columns.rows === BATCH_ROWS) {
      yield* columns.toTable().batches;
      columns = new PredictionColumns();
    }
  }
  if (columns.rows > 0) {
    yield* columns.toTable().batches;
  }
}

function checkInterval(name: string, options: ReadPredictionsOptions): void {
  checkOptions(options, OPTIONS);
  checkLogName(name);
  const { from, to } = options;
  for (const [option, value] of Object.entries({ from, to })) {
    if (!isDate(value) || Number.isNaN(value.getTime())) {
      throw argumentError(option, value, "a Date");
    }
  }
  const days = (to.getTime() - from.getTime()) / DAY_MILLISECONDS;
  if (!(days > 0 && days <= MAX_DAYS)) {
    throw argumentError("to", to, `a Date after ${from.toISOString()}, by at most ${MAX_DAYS} days`);
  }
}
