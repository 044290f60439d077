import { shown } from "../shown.js";
import { DATA_PAGE_HEADER, integerField, PAGE_HEADER, structField } from "./footer-fields.js";
import { checkCount, MAGIC } from "./footer.js";
import type { ColumnChunk, RowGroup } from "./footer.js";
import { ThriftReader } from "./thrift.js";
import type { ThriftStruct } from "./thrift.js";

/** Limit of the bytes of a page header. Parquet's C++ library has the same limit. */
const MAX_HEADER_BYTES = 2 ** 24;

/** Sums over the page headers of a chunk. */
export interface PageTotals {
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
export function readPageTotals(file: Uint8Array, { chunks, rows }: RowGroup): readonly PageTotals[] {
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
