import type { Table } from "apache-arrow";

import { checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { WRITE_PARQUET_OPTIONS } from "../../formats/options.js";
import type { WriteParquetOptions } from "../../formats/options.js";
import type { S3TimestampedArtefact } from "../artefacts/artefact.js";
import { PUT_OPTIONS } from "../artefacts/options.js";
import type { PutOptions } from "../artefacts/options.js";
import { putRepeatable } from "../artefacts/put/put-repeatable.js";
import { makeTimestampedFilename } from "../timestamped-key.js";

/** Where and how to write a dataset. */
export interface PutDatasetOptions extends PutOptions {
  /** Name before the timestamp, such as `time_to_dispatch`. */
  readonly filenamePrefix: string;
  /** Reference time of the data. The file's name contains it in UTC, in whole seconds. */
  readonly refDatetime: Date;
}

const PUT_DATASET_OPTIONS: OptionKinds<PutDatasetOptions> = {
  filenamePrefix: "text",
  refDatetime: "other",
  ...PUT_OPTIONS,
};

/**
 * Write a table to S3 as CSV. The key is `folder/filenamePrefix_2021-07-03T23:05:32.csv`.
 *
 * A table of more than 8 MiB is serialised twice: first for its size and sha256, then to be sent in parts.
 *
 * @returns The artefact that was written. With `skipUnchanged` and unchanged content, the existing artefact.
 * @throws {ArtefactExistsError} A dataset of the same second exists, and `overwrite` was not given.
 * @throws {ArtefactChangedError} The object at the key does not have the ETag `ifMatch`.
 * @throws {SerialisationError} CSV cannot hold a value, or the table changed while it was written.
 * @throws {InvalidArtefactKeyError} The bucket, folder or name is invalid, or the year is not in 1 to 9999.
 * @throws {S3AccessError} S3 failed or denied access.
 * @throws {TypeError} `data` is not a Table, `filenamePrefix` not text or `refDatetime` not a Date, in a caller without
 *   types.
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
  checkOptions(options, PUT_DATASET_OPTIONS);
  const { filenamePrefix, refDatetime, ...put } = options;
  const filename = makeTimestampedFilename(filenamePrefix, refDatetime, "csv");
  const table = await tableOf(data);
  const { writeCsv } = await import("../../formats/csv/write-csv.js");
  return putRepeatable(() => writeCsv(table), { ...put, filename });
}

/** Write a table to S3 as Parquet, compressed by `compression`. Everything else is as for {@link putCsvDatasetToS3}. */
export async function putParquetDatasetToS3(
  data: Table,
  options: PutDatasetOptions & WriteParquetOptions,
): Promise<S3TimestampedArtefact> {
  checkOptions(options, { ...PUT_DATASET_OPTIONS, ...WRITE_PARQUET_OPTIONS });
  const { filenamePrefix, refDatetime, compression, ...put } = options;
  const filename = makeTimestampedFilename(filenamePrefix, refDatetime, "parquet");
  const table = await tableOf(data);
  const { writeParquet } = await import("../../formats/parquet/write-parquet.js");
  const written = compression === undefined ? {} : { compression };
  return putRepeatable(() => writeParquet(table, written), { ...put, filename });
}

/**
 * The table that is written. Arrow is loaded only now, so that a service that only loads models starts without it.
 *
 * A large table is serialised twice, but converted once if it is of another copy of apache-arrow.
 */
async function tableOf(data: unknown): Promise<Table> {
  const { ownTable } = await import("../../formats/own-arrow.js");
  return ownTable(data, "data");
}
