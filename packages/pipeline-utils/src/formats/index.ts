export {
  FormatError,
  PipelineUtilsError,
  SerialisationError,
  UnsupportedFileFormatError,
} from "../errors.js";
export type { ByteSource } from "./byte-source.js";
export { PANDAS_INDEX } from "./csv/header.js";
export { readCsv } from "./csv/read-csv.js";
export { writeCsv } from "./csv/write-csv.js";
export type { ByteRanges } from "./parquet/byte-ranges.js";
export { readParquet, readParquetBatches } from "./parquet/read-parquet.js";
export { writeParquet, writeParquetBatches } from "./parquet/write-parquet.js";
export type {
  ReadCsvOptions,
  ReadParquetBatchesOptions,
  ReadParquetOptions,
  WriteParquetOptions,
} from "./options.js";
export type { ExpectedColumn, ExpectedSchema, ExpectedType } from "./expected-schema.js";
