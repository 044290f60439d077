export { readCsv, type ReadCsvOptions } from "./csv/read-csv.js";
export { writeCsv } from "./csv/write-csv.js";
export { readParquet, type ReadParquetOptions } from "./parquet/read-parquet.js";
export { writeParquet, type WriteParquetOptions } from "./parquet/write-parquet.js";
export { type ExpectedColumn, type ExpectedSchema, type ExpectedType } from "./schema/expected-schema.js";
