import type { Table } from "apache-arrow";

import { UnsupportedFileFormatError } from "../../errors.js";
import type { ReadCsvOptions } from "../../formats/csv/read-csv.js";
import type { ReadParquetOptions } from "../../formats/parquet/read-parquet.js";
import type { FileFormat } from "../timestamped-key.js";

/** How to read a CSV file of a bucket: its dialect, the types of columns, the schema that is expected. */
export type CsvOptions = Omit<ReadCsvOptions, "address" | "signal">;

/** How to read a Parquet file of a bucket: which columns, the schema that is expected. */
export type ParquetOptions = Omit<ReadParquetOptions, "address" | "signal">;

/** Read a table from a body of one of the formats that hold tables; what belongs to the other format is not looked at. */
export async function readTable(
  body: AsyncIterable<Uint8Array>,
  fileFormat: FileFormat,
  { signal, ...options }: CsvOptions & ParquetOptions & { address: string; signal?: AbortSignal | undefined },
): Promise<Table> {
  const readOptions = { ...options, ...(signal === undefined ? {} : { signal }) };
  // Each reader is loaded when a dataset is read: a service that only loads models starts without Arrow.
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
