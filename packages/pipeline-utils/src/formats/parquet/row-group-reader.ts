import { DataType, tableFromIPC } from "apache-arrow";
import type { Field, Schema, Table } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { shown } from "../shown.js";
import { attempt } from "./byte-ranges.js";
import type { ByteRanges } from "./byte-ranges.js";
import { DATA_PAGE_HEADER, integerField, PAGE_HEADER, structField } from "./footer-fields.js";
import { checkCount, MAGIC, sumOf } from "./footer.js";
import type { ColumnChunk, Footer, RowGroup } from "./footer.js";
import { withParquetWasm } from "./parquet-wasm.js";
import { extractRowGroup, ROW_GROUP_ROWS } from "./row-group.js";
import { ThriftReader } from "./thrift.js";
import type { ThriftStruct } from "./thrift.js";

/** Limit of a row group's pages. WebAssembly has 4 GiB for the pages, their copy and the decoded values together. */
const MAX_PAGE_BYTES = 2 ** 29;
/**
 * Limit of a row group's decoded values, which WebAssembly holds in two forms. It decoded 1.04 GB, but failed at 1.28
 * GB.
 */
const MAX_DECODED_BYTES = 2 ** 30;
/** Limit of the bytes of a page header. Parquet's C++ library has the same limit. */
const MAX_HEADER_BYTES = 2 ** 24;
/** The number of LZO among Parquet's codecs. */
const LZO_CODEC = 3;

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

/**
 * Check by the footer that a row group can be decoded.
 *
 * @param name - Names the row group in messages, with the address.
 * @param chunks - The columns that are read.
 * @param schema - The file's columns.
 * @param maxPageBytes - Default: 512 MiB.
 * @throws {FormatError}
 */
function checkChunks(
  name: string,
  chunks: readonly ColumnChunk[],
  schema: Schema,
  maxPageBytes?: number,
): void {
  if (chunks.some(({ codec }) => codec === LZO_CODEC)) {
    throw new FormatError(`${name} is compressed with LZO, which this reader does not support`);
  }
  checkPageBytes(
    name,
    chunks.map(({ uncompressed, length }) => Math.max(uncompressed, length)),
    maxPageBytes,
  );
  checkDecodedBytes(name, chunks, schema);
}

/**
 * Check by the counts of values that a row group is not too large once it is decoded.
 *
 * @throws {FormatError}
 */
function checkDecodedBytes(name: string, chunks: readonly ColumnChunk[], schema: Schema): void {
  const areTextsRepeated = new Map(
    schema.fields.map(({ name, type }: Field<DataType>) => [name, repeatsTexts(type)]),
  );
  const bytes = chunks.map(
    ({ column, values, valueWidth, textBytes }) =>
      Math.ceil(values * valueWidth) + (areTextsRepeated.get(column) === true ? textBytes : 0),
  );
  checkSize(`${name}, decoded, has`, sumOf(bytes), MAX_DECODED_BYTES);
}

/**
 * Check that the pages of a row group are not too large to be decoded.
 *
 * @param bytes - Bytes of the pages of each column, before compression.
 * @param maxBytes - Default: 512 MiB.
 * @throws {FormatError}
 */
function checkPageBytes(name: string, bytes: readonly number[], maxBytes = MAX_PAGE_BYTES): void {
  checkSize(`${name} has`, sumOf(bytes), maxBytes);
}

/** Whether memory holds a text as often as it occurs. A dictionary, also a nested one, holds it once. */
function repeatsTexts(type: DataType): boolean {
  return (
    DataType.isUtf8(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isBinary(type) ||
    DataType.isLargeBinary(type)
  );
}

function checkSize(subject: string, size: number, maxBytes: number): void {
  if (size > maxBytes) {
    throw new FormatError(`${subject} ${size} bytes, more than the ${maxBytes} that can be decoded at once`);
  }
}

/** Sums over the page headers of a chunk. */
interface PageTotals {
  /** Count of values, nulls included. */
  readonly values: number;
  /** Bytes of the pages before compression. */
  readonly uncompressed: number;
}

/**
 * Read the headers of all pages of a row group, and compare their counts of values with the footer's.
 *
 * The decoder may take minutes to reject damaged headers. Where the footer states less than the pages hold, it may take
 * more memory than there is.
 *
 * @param file - A file that begins with the chunks of the row group, in order.
 * @returns The sums of each chunk.
 * @throws {RangeError} The bytes are not pages that follow one another to the end, or the counts differ.
 */
function readPageTotals(file: Uint8Array, { chunks, rows }: RowGroup): readonly PageTotals[] {
  let at = MAGIC.length;
  return chunks.map((chunk) => {
    const totals = readPageHeaders(file.subarray(at, at + chunk.length));
    at += chunk.length;
    checkValues(chunk, rows, totals.values);
    return totals;
  });
}

/** Compare the count of values in the pages with what the footer states. Each row has a value, or several in lists. */
function checkValues({ column, values }: ColumnChunk, rows: number, found: number): void {
  const counted = `values in column ${shown(column)}`;
  if (values !== 0) {
    checkCount(counted, found, values);
  }
  if (rows === 0) {
    checkCount(`${counted} of a row group without rows`, found, 0);
  } else if (found < rows) {
    throw new RangeError(`found ${found} ${counted}, expected at least one for each of the ${rows} rows`);
  }
}

function readPageHeaders(chunk: Uint8Array): PageTotals {
  let values = 0;
  let uncompressed = 0;
  for (let at = 0; at < chunk.length;) {
    const reader = new ThriftReader(chunk.subarray(at, at + MAX_HEADER_BYTES));
    const header = reader.readStruct();
    const length = integerField(header, PAGE_HEADER.compressedSize);
    at += reader.position + length;
    if (at > chunk.length) {
      throw new RangeError(`a page of ${length} bytes is ${at - chunk.length} bytes longer than its column`);
    }
    values += valueCount(header);
    uncompressed += integerField(header, PAGE_HEADER.uncompressedSize);
  }
  return { values, uncompressed };
}

/** Count of the column's values in a page: 0 for pages of a dictionary or an index. */
function valueCount(header: ThriftStruct): number {
  for (const kind of [PAGE_HEADER.dataPage, PAGE_HEADER.dataPageV2]) {
    if (header.has(kind)) {
      return integerField(structField(header, kind), DATA_PAGE_HEADER.values);
    }
  }
  return 0;
}
