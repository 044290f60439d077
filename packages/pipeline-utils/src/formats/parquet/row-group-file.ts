import { type RecordBatch, Table, tableToIPC } from "apache-arrow";
import { portableBatch } from "./portable-batch.js";
import { ROW_GROUP_ROWS } from "./row-group-rows.js";

/** Compression of the pages. */
export type ParquetCompression = "snappy" | "zstd";

/** Batches of a row group at most as a Parquet file of their own. */
export async function rowGroupFile(
  batches: readonly RecordBatch[],
  compression: ParquetCompression,
): Promise<Uint8Array> {
  const parquet = await import("parquet-wasm");
  const { SNAPPY, ZSTD } = parquet.Compression;
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(compression === "zstd" ? ZSTD : SNAPPY)
    .setMaxRowGroupSize(ROW_GROUP_ROWS)
    .build();
  const table = new Table(batches.map(portableBatch));
  return parquet.writeParquet(parquet.Table.fromIPCStream(tableToIPC(table, "stream")), properties);
}
