import { tableFromIPC } from "apache-arrow";
import type { Schema, Table } from "apache-arrow";
import { attempt } from "./byte-ranges.js";
import type { ByteRanges } from "./byte-ranges.js";
import type { Footer } from "./footer.js";
import { readPageTotals } from "./pages.js";
import { withParquetWasm } from "./parquet-wasm.js";
import { checkChunks, checkDecodedBytes, checkPageBytes } from "./row-group-limits.js";
import { extractRowGroup, ROW_GROUP_ROWS } from "./row-group.js";

/** The name of a file in messages, and how much of it may be read at once. */
export interface RowGroupOptions {
  /** Begins the message of every error. */
  readonly address: string;
  /** Maximum bytes of the pages of a row group, before and after compression. Default: 512 MiB. */
  readonly maxRowGroupBytes?: number;
}

/**
 * Read a row group into a file of its own, and check it before it is decoded.
 *
 * @param footer - The footer, of the selected columns.
 * @param index - From 0.
 * @param schema - The file's columns.
 * @param use - Decodes the file. Not called for a row group without rows, whose pages may not exist.
 * @returns The result of `use`; undefined if there are no rows.
 * @throws {FormatError} The row group is damaged or too large. Its number, from 1, stands in the message.
 */
export async function readRowGroup<T>(
  source: ByteRanges,
  { struct, rowGroups }: Footer,
  index: number,
  schema: Schema,
  { address, maxRowGroupBytes }: RowGroupOptions,
  use: (file: Uint8Array, rows: number) => T,
): Promise<T | undefined> {
  const group = rowGroups[index];
  if (group === undefined) {
    throw new RangeError(`there is no row group ${index}`);
  }
  const { chunks, rows } = group;
  const place = `row group ${index + 1} of ${rowGroups.length}`;
  const name = `${address}: ${place}`;
  checkChunks(name, chunks, schema, maxRowGroupBytes);
  return attempt(address, place, async () => {
    const file = await extractRowGroup(source, struct, group);
    const totals = readPageTotals(file, group);
    checkPageBytes(
      name,
      totals.map(({ uncompressed }) => uncompressed),
      maxRowGroupBytes,
    );
    // The footer may state fewer values than there are.
    const counted = chunks.map((chunk, column) => ({ ...chunk, values: totals[column]?.values ?? 0 }));
    checkDecodedBytes(name, counted, schema);
    return rows === 0 ? undefined : use(file, rows);
  });
}

/** The schema of a file, as the decoder understands its footer. */
export async function decodedSchema(source: ByteRanges, { struct }: Footer): Promise<Schema> {
  return decode(await extractRowGroup(source, struct)).schema;
}

/** Decode a whole file in memory. */
export function decode(file: Uint8Array): Table {
  return withParquetWasm(({ readParquet }) =>
    tableFromIPC(readParquet(file, { batchSize: ROW_GROUP_ROWS }).intoIPCStream()),
  );
}
