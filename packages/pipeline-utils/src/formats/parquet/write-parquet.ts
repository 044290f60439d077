import { tableToIPC, type Table } from "apache-arrow";
import { ROW_GROUP_ROWS } from "./row-group-rows.js";

/** How to write a Parquet file. */
export interface WriteParquetOptions {
  /** Compression of the pages. Default: `snappy`. */
  readonly compression?: "snappy" | "zstd";
}

/** Write a table as Parquet, in row groups of 131,072 rows. */
export async function* writeParquet(
  table: Table,
  options: WriteParquetOptions = {},
): AsyncIterable<Uint8Array> {
  const parquet = await import("parquet-wasm");
  const compression = options.compression === "zstd" ? parquet.Compression.ZSTD : parquet.Compression.SNAPPY;
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(compression)
    .setMaxRowGroupSize(ROW_GROUP_ROWS)
    .build();
  yield parquet.writeParquet(parquet.Table.fromIPCStream(tableToIPC(table, "stream")), properties);
}
