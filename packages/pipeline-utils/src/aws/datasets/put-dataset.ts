import type { Table } from "apache-arrow";

import { argumentError } from "../../argument-error.js";
import type { WriteParquetOptions } from "../../formats/parquet/write-parquet.js";
import type { S3TimestampedArtefact } from "../artefacts/artefact.js";
import type { PutOptions } from "../artefacts/options.js";
import { putRepeatable } from "../artefacts/put/put-repeatable.js";
import { makeTimestampedFilename } from "../timestamped-key.js";

/** How to put a dataset. */
export interface PutDatasetOptions extends PutOptions {
  /** Name before the timestamp, as `time_to_dispatch`. */
  readonly filenamePrefix: string;
  /** The data's own time; the file's name gets it in UTC, in whole seconds. */
  readonly refDatetime: Date;
}

/**
 * Put a table to S3 as CSV, as `folder/filenamePrefix_2021-07-03T23:05:32.csv`.
 *
 * A table of more than 8 MiB is serialised twice: first for its size and sha256, then to be sent in parts.
 *
 * @returns The artefact as it was written; with `skipUnchanged`, the one that is there already.
 * @throws {ArtefactExistsError} There is one of that second already, and `overwrite` was not given.
 * @throws {SerialisationError} A value that CSV cannot hold, or the table changed while it was written.
 * @throws {InvalidArtefactKeyError}
 * @throws {S3AccessError}
 * @throws {TypeError} `data` is no Table, `filenamePrefix` no text or `refDatetime` no Date, in a caller without types.
 *
 * @example
 * ```ts
 * import { tableFromArrays } from "apache-arrow";
 * import { putCsvDatasetToS3 } from "@ml-pipelines/pipeline-utils";
 *
 * const orders = tableFromArrays({ orders_placed: Int32Array.of(100, 150) });
 * const { address } = await putCsvDatasetToS3(orders, {
 *   bucket: "my-bucket",
 *   folder: "deliveries",
 *   filenamePrefix: "orders",
 *   refDatetime: new Date("2021-07-10T23:05:32Z"),
 * });
 * console.log(address);
 * ```
 *
 * prints
 *
 * ```
 * s3://my-bucket/deliveries/orders_2021-07-10T23:05:32.csv
 * ```
 */
export async function putCsvDatasetToS3(
  data: Table,
  options: PutDatasetOptions,
): Promise<S3TimestampedArtefact> {
  checkTable(data);
  const filename = makeTimestampedFilename(options.filenamePrefix, options.refDatetime, "csv");
  const { writeCsv } = await import("../../formats/csv/write-csv.js");
  return putRepeatable(() => writeCsv(data), { ...options, filename });
}

/** Put a table to S3 as Parquet, compressed by `compression`; all else as for {@link putCsvDatasetToS3}. */
export async function putParquetDatasetToS3(
  data: Table,
  options: PutDatasetOptions & WriteParquetOptions,
): Promise<S3TimestampedArtefact> {
  checkTable(data);
  const filename = makeTimestampedFilename(options.filenamePrefix, options.refDatetime, "parquet");
  const { writeParquet } = await import("../../formats/parquet/write-parquet.js");
  return putRepeatable(() => writeParquet(data, options), { ...options, filename });
}

/** By its shape: a program may hold two copies of apache-arrow. */
function checkTable(data: unknown): void {
  const isTable =
    typeof data === "object" && data !== null && "schema" in data && "batches" in data && "numRows" in data;
  if (!isTable) {
    throw argumentError("data", data, "a Table of apache-arrow");
  }
}
