import { DataType, type Field, type Schema } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { type Chunk } from "./footer.js";

/** A row group is decoded as a whole, in the 4 GiB that WebAssembly has, of which its pages and its copy take part. */
const MAX_ROW_GROUP_BYTES = 2 ** 29;
/** Values that take more are beyond what WebAssembly holds in its two forms: 1.04 GB were decoded, 1.28 GB were not. */
const MAX_DECODED_BYTES = 2 ** 30;
/** Its number among the codecs of Parquet. */
const LZO = 3;

/**
 * Check by the footer that a row group can be decoded.
 *
 * @param name - The row group's, with the address.
 * @param chunks - Its columns that are read.
 * @throws {FormatError}
 */
export function checkChunks(
  name: string,
  chunks: readonly Chunk[],
  schema: Schema,
  mostBytes?: number,
): void {
  if (chunks.some(({ codec }) => codec === LZO))
    throw new FormatError(`${name} is compressed with LZO, which this reader has not`);
  checkPageBytes(
    name,
    chunks.map(({ uncompressed, length }) => Math.max(uncompressed, length)),
    mostBytes,
  );
  const areTextsHeld = new Map(
    schema.fields.map(({ name, type }: Field<DataType>) => [name, holdsEachText(type)]),
  );
  const values = chunks.map(
    ({ column, valueBytes, textBytes }) => valueBytes + (areTextsHeld.get(column) === true ? textBytes : 0),
  );
  checkSize(`${name}, decoded, has`, sumOf(values), MAX_DECODED_BYTES);
}

/**
 * Check that the pages of a row group are not too large to be decoded.
 *
 * @param bytes - Of the pages of each column, before compression.
 * @param most - Default: 512 MiB.
 * @throws {FormatError}
 */
export function checkPageBytes(name: string, bytes: readonly number[], most = MAX_ROW_GROUP_BYTES): void {
  checkSize(`${name} has`, sumOf(bytes), most);
}

/** Whether a text is in memory as often as it occurs: not so in a dictionary, and nested columns may hold one. */
function holdsEachText(type: DataType): boolean {
  return (
    DataType.isUtf8(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isBinary(type) ||
    DataType.isLargeBinary(type)
  );
}

function checkSize(what: string, size: number, most: number): void {
  if (size > most)
    throw new FormatError(`${what} ${size} bytes, of which at most ${most} can be decoded at once`);
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
