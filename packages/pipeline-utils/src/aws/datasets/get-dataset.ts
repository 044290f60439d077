import type { Table } from "apache-arrow";

import { checkOptions } from "../../argument-error.js";
import type { OptionKind } from "../../argument-error.js";
import { ArtefactNotFoundError, UnsupportedFileFormatError } from "../../errors.js";
import { CSV_OPTIONS, PARQUET_OPTIONS } from "../../formats/options.js";
import type { ReadCsvOptions, ReadParquetOptions } from "../../formats/options.js";
import { getRecordedObject } from "../artefacts/get/get-recorded-object.js";
import { readChecked } from "../artefacts/get/body.js";
import { readLatest } from "../artefacts/get/read-latest.js";
import { clientOf } from "../artefacts/headers.js";
import { addressOf, checkBucket, checkKey } from "../artefacts/location.js";
import { SEARCH_OPTIONS, TRANSFER_OPTIONS } from "../artefacts/options.js";
import type { SearchOptions, TransferOptions } from "../artefacts/options.js";
import { parseTimestampedKey } from "../timestamped-key.js";
import type { FileFormat } from "../timestamped-key.js";
import { DATASET_REFERENCE, makeDataset } from "./dataset.js";
import type { Dataset, DatasetReference } from "./dataset.js";

/** How to read a CSV file from a bucket: dialect, column types, expected schema. */
type CsvOptions = Omit<ReadCsvOptions, "address" | "signal">;

/** How to read a Parquet file from a bucket: columns, decimals, expected schema. */
type ParquetOptions = Omit<ReadParquetOptions, "address" | "signal">;

/** Which CSV dataset to get, and how to read it. */
export type GetCsvDatasetOptions = SearchOptions & TransferOptions & CsvOptions;

/** Which Parquet dataset to get, and how to read it. */
export type GetParquetDatasetOptions = SearchOptions & TransferOptions & ParquetOptions;

/**
 * Get the latest CSV dataset of a folder.
 *
 * "Latest" is the greatest timestamp in the file's name, not S3's LastModified. The bytes are checked against the
 * listed object. If that object was replaced between listing and reading, the search runs once more.
 *
 * The extension is `.csv` in any case, `.csv.gz` or `.csv.zst`. Files compressed by gzip or zstd are read whatever their
 * name.
 *
 * @param bucket - Name, without `s3://`.
 * @param options - `folder`: key prefix, trailing `/` optional (default: the top of the bucket). `schema`: expected
 *   columns; all violations are reported together. Other options are those of `readCsv`.
 * @returns `data` of shape (rows, columns), columns in file order; `datetime` in UTC; `hash` the ETag without quotes,
 *   which is that of the bytes as stored.
 * @throws {ArtefactNotFoundError} The folder has no timestamped `.csv`, `.csv.gz` or `.csv.zst` file.
 * @throws {ArtefactChangedError} The object was replaced or damaged twice.
 * @throws {FormatError} A malformed row, or values that violate the schema. The message gives the line, from 1.
 * @throws {UnsupportedFileFormatError} The file is compressed by zstd, and Node is older than 22.15.
 * @throws {S3AccessError} S3 failed or denied access.
 *
 * @example
 * ```ts
 * import { getLatestCsvDatasetFromS3 } from "@ml-pipelines/pipeline-utils";
 *
 * const { data, key } = await getLatestCsvDatasetFromS3("my-bucket", { folder: "datasets" });
 * console.log(`${key}: ${data.numRows} rows of ${data.schema.names.join(", ")}`);
 * ```
 *
 * prints
 *
 * ```
 * datasets/orders_2021-07-03T23:05:32.csv: 2 rows of product_code, orders_placed, hours_to_dispatch
 * ```
 */
export async function getLatestCsvDatasetFromS3(
  bucket: string,
  options: GetCsvDatasetOptions = {},
): Promise<Dataset> {
  return getLatestDataset("csv", bucket, options, CSV_OPTIONS);
}

/**
 * Get the latest Parquet dataset of a folder. Everything else is as for {@link getLatestCsvDatasetFromS3}.
 *
 * @throws {FormatError} The file is not Parquet, uses an unsupported feature, or violates the schema.
 */
export async function getLatestParquetDatasetFromS3(
  bucket: string,
  options: GetParquetDatasetOptions = {},
): Promise<Dataset> {
  return getLatestDataset("parquet", bucket, options, PARQUET_OPTIONS);
}

async function getLatestDataset(
  fileFormat: "csv" | "parquet",
  bucket: string,
  options: GetCsvDatasetOptions & GetParquetDatasetOptions,
  readOptions: Readonly<Record<string, OptionKind>>,
): Promise<Dataset> {
  checkOptions(options, { ...SEARCH_OPTIONS, ...TRANSFER_OPTIONS, ...readOptions });
  const { folder, filenamePrefix, recursive, notAfter, client, headers, onProgress, ...rest } = options;
  const where = { folder, filenamePrefix, recursive, notAfter };
  const search = { ...where, client, headers, onProgress, signal: rest.signal };
  return readLatest(fileFormat, bucket, search, async (artefact, body) =>
    makeDataset(await readTable(body, fileFormat, { ...rest, address: artefact.address }), artefact, body),
  );
}

/** A reference to a dataset. Without `hash` and `versionId`, it means the current object at the key. */
export type DatasetToGet = Omit<DatasetReference, "hash"> & { readonly hash?: string | undefined };

/**
 * Get one dataset by its key. A model's `trainDataset` gives the exact dataset that the model was trained on.
 *
 * In a versioned bucket, this also works after the key was overwritten or deleted. The version is found by `versionId`.
 * If that was not recorded, the latest 10,000 versions of the key are searched for `hash`.
 *
 * @throws {ArtefactNotFoundError} The object or version no longer exists.
 * @throws {ArtefactChangedError} Another object is at the key and no kept version has the hash, or the bytes are
 *   damaged.
 * @throws {UnsupportedFileFormatError} The key is not that of a timestamped `.csv` or `.parquet` file.
 * @throws {InvalidArtefactKeyError} The bucket or key is invalid.
 * @throws {FormatError} The file is malformed, or violates the schema.
 * @throws {S3AccessError} S3 failed or denied access.
 * @throws {TypeError} The reference or the options are no object, or have an unknown name or a value of the wrong type,
 *   in a caller without types.
 */
export async function getDatasetFromS3(
  reference: DatasetToGet,
  options: TransferOptions & CsvOptions & ParquetOptions = {},
): Promise<Dataset> {
  checkOptions(reference, DATASET_REFERENCE, "reference");
  checkOptions(options, { ...TRANSFER_OPTIONS, ...CSV_OPTIONS, ...PARQUET_OPTIONS });
  const { bucket, key, hash, versionId } = reference;
  const { client: given, headers, signal, onProgress, ...readOptions } = options;
  const client = clientOf({ client: given, headers });
  checkKey(checkBucket(bucket), key);
  const address = addressOf(bucket, key);
  const parsed = parseTimestampedKey(key);
  if (parsed?.fileFormat !== "csv" && parsed?.fileFormat !== "parquet") {
    throw new UnsupportedFileFormatError(
      `${address}: not a dataset, expected a timestamped .csv or .parquet file`,
    );
  }
  try {
    const recorded = { bucket, key, etag: hash, versionId };
    const body = await getRecordedObject(recorded, { client, signal, onProgress });
    const data = await readChecked(body, (chunks) =>
      readTable(chunks, parsed.fileFormat, { ...readOptions, address, signal }),
    );
    return makeDataset(data, { bucket, key, timestamp: parsed.timestamp }, body);
  } catch (error) {
    if (!(error instanceof ArtefactNotFoundError)) {
      throw error;
    }
    const reason =
      versionId === undefined
        ? error.message.slice(address.length + ": ".length)
        : `the bucket no longer keeps version ${versionId}`;
    throw new ArtefactNotFoundError(`${address}: the dataset is gone: ${reason}`, { cause: error });
  }
}

/** Read a table from a CSV or Parquet body. Options of the other format are ignored. */
async function readTable(
  body: AsyncIterable<Uint8Array>,
  fileFormat: FileFormat,
  { signal, ...options }: CsvOptions & ParquetOptions & { address: string; signal?: AbortSignal | undefined },
): Promise<Table> {
  const readOptions = { ...options, ...(signal === undefined ? {} : { signal }) };
  // Import each reader only when needed, so that a service that only loads models starts without Arrow.
  switch (fileFormat) {
    case "csv": {
      const { readCsvTable } = await import("../../formats/csv/read-csv.js");
      return readCsvTable(body, readOptions);
    }
    case "parquet": {
      const { readWholeParquet } = await import("../../formats/parquet/read-parquet.js");
      return readWholeParquet(body, readOptions);
    }
    case "json":
    case "html":
      throw new UnsupportedFileFormatError(
        `${options.address}: a dataset is csv or parquet, not ${fileFormat}`,
      );
  }
}
