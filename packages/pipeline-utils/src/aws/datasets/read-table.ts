import type { Table } from "apache-arrow";

import { UnsupportedFileFormatError } from "../../errors.js";
import type { ReadCsvOptions } from "../../formats/csv/read-csv.js";
import type { ReadParquetOptions } from "../../formats/parquet/read-parquet.js";
import type { FileFormat } from "../timestamped-key.js";

/** How to read a CSV file from a bucket: dialect, column types, expected schema. */
export type CsvOptions = Omit<ReadCsvOptions, "address" | "signal">;

/** How to read a Parquet file from a bucket: columns, expected schema. */
export type ParquetOptions = Omit<ReadParquetOptions, "address" | "signal">;

/** Read a table from a CSV or Parquet body. Options of the other format are ignored. */
export async function readTable(
  body: AsyncIterable<Uint8Array>,
  fileFormat: FileFormat,
  { signal, ...options }: CsvOptions & ParquetOptions & { address: string; signal?: AbortSignal | undefined },
): Promise<Table> {
  const readOptions = { ...options, ...(signal === undefined ? {} : { signal }) };
  // Import each reader only when needed, so that a service that only loads models starts without Arrow.
  switch (fileFormat) {
    case "csv": {
      const { readCsv } = await import("../../formats/csv/read-csv.js");
      return readCsv(body, readOptions);
    }
    case "parquet": {
      const { readParquet } = await import("../../formats/parquet/read-parquet.js");
      return readParquet(body, readOptions);
    }
    case "json":
      throw new UnsupportedFileFormatError(`${options.address}: a dataset is csv or parquet, not json`);
  }
}
