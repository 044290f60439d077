import { DataType, Table, tableToIPC } from "apache-arrow";
import type { Data, Date_, Duration, Float, Int, RecordBatch, Time, Timestamp } from "apache-arrow";
import { nullTest } from "../arrow-data.js";
import type { ParquetCompression } from "../options.js";
import { encodableBatch } from "./encodable-batches.js";
import { withParquetWasm } from "./parquet-wasm.js";
import { ROW_GROUP_ROWS } from "./row-group.js";

/** Encode batches of at most one row group as a Parquet file of their own. */
export function encodeRowGroup(batches: readonly RecordBatch[], compression: ParquetCompression): Uint8Array {
  const table = new Table(batches.map(encodableBatch));
  const stream = tableToIPC(table, "stream");
  return withParquetWasm((parquet) => {
    const { SNAPPY, ZSTD } = parquet.Compression;
    let properties = new parquet.WriterPropertiesBuilder()
      .setCompression(compression === "zstd" ? ZSTD : SNAPPY)
      .setMaxRowGroupSize(ROW_GROUP_ROWS);
    for (const [index, { name }] of table.schema.fields.entries()) {
      const parts = table.batches.map(({ data }) => data.children[index]!);
      if (isMostlyDistinct(parts)) {
        properties = properties.setColumnDictionaryEnabled(name, false);
      }
    }
    return parquet.writeParquet(parquet.Table.fromIPCStream(stream), properties.build());
  });
}

/**
 * Values in the sample, taken as pairs of neighbours. A sorted column may repeat each value in consecutive rows, and
 * single values far apart would then all differ.
 */
const SAMPLE_VALUES = 1024;
/** A smaller sample, from a short column or one with many nulls, proves nothing. */
const MIN_SAMPLE_VALUES = 512;
/** Share of distinct values in the sample of a column with 131,072 values, about 50,000 of them distinct. */
const MIN_DISTINCT_SHARE = 0.99;

/**
 * Whether nearly all values of a column of numbers or times differ, judged by a sample of its rows.
 *
 * A dictionary of such values costs work and bytes. In the narrow file of the benchmark, it took a third of the CPU
 * seconds and a fifth of the bytes. The answer is false for other types: for texts that all differ, a file without a
 * dictionary is no smaller.
 *
 * @param parts - All of the column's data.
 */
export function isMostlyDistinct(parts: readonly Data[]): boolean {
  const rows = parts.reduce((sum, { length }) => sum + length, 0);
  const step = 2 * Math.ceil(rows / SAMPLE_VALUES);
  const seen = new Set<number | bigint | undefined>();
  let count = 0;
  for (const part of parts) {
    if (!isNumericData(part)) {
      return false;
    }
    const isNull = nullTest(part);
    for (let row = 0; row < part.length; row += row % step === 0 ? 1 : step - 1) {
      if (isNull?.(row) !== true) {
        seen.add(part.values[row]);
        count++;
      }
    }
  }
  return count >= MIN_SAMPLE_VALUES && seen.size > count * MIN_DISTINCT_SHARE;
}

/** Whether each row has one number in JavaScript. */
function isNumericData(data: Data): data is Data<Float | Int | Date_ | Timestamp | Time | Duration> {
  const type: DataType = data.type;
  return (
    DataType.isFloat(type) ||
    DataType.isInt(type) ||
    DataType.isDate(type) ||
    DataType.isTimestamp(type) ||
    DataType.isTime(type) ||
    DataType.isDuration(type)
  );
}
