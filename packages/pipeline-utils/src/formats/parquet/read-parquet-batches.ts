import { type RecordBatch } from "apache-arrow";
import { collectBytes } from "../collect-bytes.js";
import { type ByteRanges, isByteRanges, rangesOf } from "./byte-ranges.js";
import { ParquetFile } from "./parquet-file.js";

/** How to read a Parquet file in batches. */
export interface ReadParquetBatchesOptions {
  /** Where the bytes come from, as `s3://bucket/key`; begins every error's message. Default: `Parquet`. */
  readonly address?: string;
  /** Stops the reading; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** The columns to read, in this order. Default: all, in the file's order. Of ranges, only theirs are read. */
  readonly columns?: readonly string[];
}

/**
 * Read a Parquet file batch by batch, in the memory of one row group.
 *
 * @param source - Ranges of the file, which is then never in memory as a whole; or a stream of its bytes, which are kept
 *   in memory, as they are compressed.
 * @returns Batches of at most 131,072 rows; none for a file without rows.
 * @throws {FormatError} Bytes that are not Parquet, a column that is missing, or a row group of more than 512 MiB of pages
 *   or 1 GiB of values.
 * @see https://parquet.apache.org/docs/file-format/
 */
export async function* readParquetBatches(
  source: AsyncIterable<Uint8Array> | ByteRanges,
  options: ReadParquetBatchesOptions = {},
): AsyncIterable<RecordBatch> {
  const file = await openParquet(source, options);
  for (let index = 0; index < file.rowGroups; index++) {
    options.signal?.throwIfAborted();
    yield* await file.read(index);
  }
}

/** Open a file of either kind of source. */
export async function openParquet(
  source: AsyncIterable<Uint8Array> | ByteRanges,
  { address = "Parquet", signal, columns }: ReadParquetBatchesOptions,
): Promise<ParquetFile> {
  const ranges = isByteRanges(source) ? source : rangesOf(await collectBytes(source, signal));
  return ParquetFile.open(ranges, { address, columns });
}
