import { type RecordBatch, Table, tableToIPC } from "apache-arrow";
import { isMostlyDistinct } from "./row-group-encoder.js";
import { withParquetWasm } from "./parquet-wasm.js";
import { portableBatch } from "./encodable-batches.js";
import { ROW_GROUP_ROWS } from "./row-group-rows.js";

/** Compression of the pages. */
export type ParquetCompression = "snappy" | "zstd";

/** Batches of a row group at most as a Parquet file of their own. */
export function rowGroupFile(batches: readonly RecordBatch[], compression: ParquetCompression): Uint8Array {
  const table = new Table(batches.map(portableBatch));
  const stream = tableToIPC(table, "stream");
  return withParquetWasm((parquet) => {
    const { SNAPPY, ZSTD } = parquet.Compression;
    let properties = new parquet.WriterPropertiesBuilder()
      .setCompression(compression === "zstd" ? ZSTD : SNAPPY)
      .setMaxRowGroupSize(ROW_GROUP_ROWS);
    for (const [index, { name }] of table.schema.fields.entries()) {
      const parts = table.batches.map(({ data }) => data.children[index]!);
      if (isMostlyDistinct(parts)) properties = properties.setColumnDictionaryEnabled(name, false);
    }
    return parquet.writeParquet(parquet.Table.fromIPCStream(stream), properties.build());
  });
}
