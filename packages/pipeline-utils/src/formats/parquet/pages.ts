import { integerOf, PageHeader, PageValues, structOf } from "./footer-fields.js";
import { ThriftReader } from "./thrift.js";
import { type ThriftStruct } from "./thrift-value.js";

/** More than any page's header has; Parquet's C++ library has the same bound. */
const MAX_HEADER_BYTES = 2 ** 24;

/** What the pages of a chunk say of themselves. */
export interface Pages {
  /** How many values they have, nulls among them. */
  readonly values: number;
  /** Their bytes before compression. */
  readonly uncompressed: number;
}

/**
 * Read the headers of a chunk's pages: where they are damaged, the decoder may take minutes to say so, and where the footer says
 * less than they do, more memory than there is.
 *
 * @throws {RangeError} Bytes that are no pages, one after another to the end.
 */
export function readPages(chunk: Uint8Array): Pages {
  let values = 0;
  let uncompressed = 0;
  for (let at = 0; at < chunk.length;) {
    const reader = new ThriftReader(chunk.subarray(at, at + MAX_HEADER_BYTES));
    const header = reader.readStruct();
    const length = integerOf(header, PageHeader.compressedSize);
    at += reader.position + length;
    if (at > chunk.length)
      throw new RangeError(`a page has ${length} bytes, ${at - chunk.length} more than are there`);
    values += valuesOf(header);
    uncompressed += integerOf(header, PageHeader.uncompressedSize);
  }
  return { values, uncompressed };
}

/** How many values a page has; a page of a dictionary or an index has none of the column's. */
function valuesOf(header: ThriftStruct): number {
  for (const kind of [PageHeader.dataPage, PageHeader.dataPageV2])
    if (header.has(kind)) return integerOf(structOf(header, kind), PageValues.values);
  return 0;
}
