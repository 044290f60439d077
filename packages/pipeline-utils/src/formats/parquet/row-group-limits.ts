import { DataType } from "apache-arrow";
import type { Field, Schema } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { sumOf } from "./footer.js";
import type { ColumnChunk } from "./footer.js";

/** Limit of a row group's pages. WebAssembly has 4 GiB for the pages, their copy and the decoded values together. */
const MAX_PAGE_BYTES = 2 ** 29;
/**
 * Limit of a row group's decoded values, which WebAssembly holds in two forms. It decoded 1.04 GB, but failed at 1.28
 * GB.
 */
const MAX_DECODED_BYTES = 2 ** 30;
/** The number of LZO among Parquet's codecs. */
const LZO_CODEC = 3;

/**
 * Check by the footer that a row group can be decoded.
 *
 * @param name - Names the row group in messages, with the address.
 * @param chunks - The columns that are read.
 * @param schema - The file's columns.
 * @param maxPageBytes - Default: 512 MiB.
 * @throws {FormatError}
 */
export function checkChunks(
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
export function checkDecodedBytes(name: string, chunks: readonly ColumnChunk[], schema: Schema): void {
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
export function checkPageBytes(name: string, bytes: readonly number[], maxBytes = MAX_PAGE_BYTES): void {
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
