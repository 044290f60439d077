import type { Table } from "apache-arrow";

import { UnsupportedFileFormatError } from "../../errors.js";
import { readCsv, readParquet } from "../../formats/index.js";
import type { FileFormat } from "../timestamped-key.js";

/** Read a table from a body of one of the formats that hold tables. */
export async function readTable(
  body: AsyncIterable<Uint8Array>,
  fileFormat: FileFormat,
  address: string,
  signal: AbortSignal | undefined,
): Promise<Table> {
  const options = { address, ...(signal === undefined ? {} : { signal }) };
  switch (fileFormat) {
    case "csv":
      return readCsv(body, options);
    case "parquet":
      return readParquet(body, options);
    case "json":
      throw new UnsupportedFileFormatError(`${address}: a dataset is csv or parquet, not json`);
  }
}
