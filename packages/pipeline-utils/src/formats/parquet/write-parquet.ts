import {
  type DataType,
  type Field,
  makeData,
  RecordBatch,
  type Schema,
  Struct,
  type Table,
} from "apache-arrow";
import { writeParquetBatches, type WriteParquetOptions } from "./write-parquet-batches.js";

/**
 * Write a table as Parquet, in row groups of 131,072 rows, or of fewer where these have more than 128 MiB.
 *
 * @throws {SerialisationError} No columns, two of one name, or one of a type that Parquet has not.
 */
export function writeParquet(table: Table, options: WriteParquetOptions = {}): AsyncIterable<Uint8Array> {
  return writeParquetBatches(table.batches.length > 0 ? table.batches : [emptyBatch(table.schema)], options);
}

/** A batch without rows, which tells the encoder the schema. */
function emptyBatch(schema: Schema): RecordBatch {
  const children = schema.fields.map(({ type }: Field<DataType>) => makeData({ type, length: 0 }));
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: 0, nullCount: 0, children }),
  );
}
