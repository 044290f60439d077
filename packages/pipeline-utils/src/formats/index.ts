export { PANDAS_INDEX } from "./csv/columns.js";
export { readCsv, type ReadCsvOptions } from "./csv/read-csv.js";
export { writeCsv } from "./csv/write-csv.js";
export { type ByteRanges } from "./parquet/byte-ranges.js";
export { readParquet, type ReadParquetOptions } from "./parquet/read-parquet.js";
export { readParquetBatches, type ReadParquetBatchesOptions } from "./parquet/read-parquet-batches.js";
export { writeParquet } from "./parquet/write-parquet.js";
export { writeParquetBatches, type WriteParquetOptions } from "./parquet/write-parquet-batches.js";
export { type ExpectedColumn, type ExpectedSchema, type ExpectedType } from "./schema/expected-schema.js";
