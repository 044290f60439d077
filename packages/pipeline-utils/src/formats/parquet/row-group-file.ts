import { type RecordBatch, Table, tableToIPC } from "apache-arrow";
import { withParquetWasm } from "./parquet-wasm.js";
import { portableBatch } from "./portable-batch.js";
import { ROW_GROUP_ROWS } from "./row-group-rows.js";

/** Compression of the pages. */
export type ParquetCompression = "snappy" | "zstd";

/** Batches of a row group at most as a Parquet file of their own. */
export function rowGroupFile(batches: readonly RecordBatch[], compression: ParquetCompression): Uint8Array {
  const stream = tableToIPC(new Table(batches.map(portableBatch)), "stream");
  return withParquetWasm((parquet) => {
    const { SNAPPY, ZSTD } = parquet.Compression;
    const properties = new parquet.WriterPropertiesBuilder()
      .setCompression(compression === "zstd" ? ZSTD : SNAPPY)
      .setMaxRowGroupSize(ROW_GROUP_ROWS)
      .build();
    return parquet.writeParquet(parquet.Table.fromIPCStream(stream), properties);
  });
}
