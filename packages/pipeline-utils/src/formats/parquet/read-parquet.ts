import { tableFromIPC, type Table } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { collectBytes } from "../collect-bytes.js";
import { ROW_GROUP_ROWS } from "./row-group-rows.js";

/** How to read a Parquet file. */
export interface ReadParquetOptions {
  /** Where the bytes come from, as `s3://bucket/key`; begins every error's message. Default: `Parquet`. */
  readonly address?: string;
  /** Stops the reading; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Read a Parquet file into an Arrow Table.
 *
 * @param source - The file's bytes, in chunks of any size.
 * @throws {FormatError} Bytes that are not Parquet; `cause` is the decoder's error.
 */
export async function readParquet(
  source: AsyncIterable<Uint8Array>,
  options: ReadParquetOptions = {},
): Promise<Table> {
  const address = options.address ?? "Parquet";
  const bytes = await collectBytes(source, options.signal);
  const parquet = await import("parquet-wasm");
  try {
    return tableFromIPC(parquet.readParquet(bytes, { batchSize: ROW_GROUP_ROWS }).intoIPCStream());
  } catch (cause) {
    throw new FormatError(`${address}: not a readable Parquet file: ${String(cause)}`, { cause });
  }
}
