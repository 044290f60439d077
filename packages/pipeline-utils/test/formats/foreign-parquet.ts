import { readParquet, writeParquet } from "@ml-pipelines/pipeline-utils/formats";
import { Int32, Table, Utf8, vectorFromArray } from "apache-arrow";
import { bytesOf, streamOf } from "./bytes.js";

// Tests of files of other programs start from this table, and change the footer of its file.

export const address = "s3://b/k.parquet";

export const table = new Table({
  n: vectorFromArray([1, null, 3], new Int32()),
  text: vectorFromArray(["a", "b", null], new Utf8()),
});

/** The file that `writeParquet` makes of the table. */
export const bytes = await bytesOf(writeParquet(table));

export const read = (file: Uint8Array, columns?: string[]): Promise<Table> =>
  readParquet(streamOf(file), { address, ...(columns && { columns }) });

export const rowsOf = (found: Table): string[] => found.toArray().map(String);
