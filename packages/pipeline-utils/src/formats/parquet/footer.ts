import { type ByteRanges } from "./byte-ranges.js";
import { textBytes, valueBytes } from "./decoded-bytes.js";
import {
  ColumnChunk,
  ColumnMetaData,
  FileMetaData,
  integerOf,
  itemsOf,
  RowGroup,
  structOf,
  structsOf,
} from "./footer-fields.js";
import { ThriftReader } from "./thrift.js";
import { type ThriftStruct } from "./thrift-value.js";
import { thriftBytes } from "./thrift-writer.js";

/** Stands at both ends of a Parquet file. */
export const MAGIC = "PAR1";
/** After the footer: its length, and the magic bytes. */
const TRAILER = 4 + MAGIC.length;

/** The pages of a column in a row group. */
export interface Chunk {
  /** The name of the column, or of the top one of a nested column. */
  readonly column: string;
  /** Where the pages stand in the file. */
  readonly start: number;
  readonly length: number;
  /** Bytes of the pages before compression. */
  readonly uncompressed: number;
  /** How many values there are, nulls among them. */
  readonly values: number;
  /** Bytes of the values in memory, at least, without the texts themselves. */
  readonly valueBytes: number;
  /** Bytes of the texts in memory, unless each is there once, in a dictionary. */
  readonly textBytes: number;
  readonly codec: number;
  readonly struct: ThriftStruct;
}

/** Some rows of a file, column by column. */
export interface RowGroupEntry {
  readonly rows: number;
  readonly chunks: readonly Chunk[];
  readonly struct: ThriftStruct;
}

/** The footer of a file: its schema, and where the chunks of each row group are. */
export interface Footer {
  readonly struct: ThriftStruct;
  readonly rows: number;
  readonly rowGroups: readonly RowGroupEntry[];
}

/**
 * Read the footer of a file that ends with the magic bytes.
 *
 * @throws {RangeError} Bytes that are no footer, or that place a chunk outside the file.
 */
export async function readFooter(source: ByteRanges): Promise<Footer> {
  const trailer = await source.read(source.size - TRAILER, source.size - MAGIC.length);
  const length = Buffer.from(trailer).readUInt32LE();
  const start = source.size - TRAILER - length;
  if (start < MAGIC.length)
    throw new RangeError(`the footer has ${length} bytes, the file only ${source.size}`);
  return parseFooter(await source.read(start, start + length), start);
}

/** @param end - Where the footer begins, and all chunks have ended. */
export function parseFooter(bytes: Uint8Array, end: number): Footer {
  const struct = new ThriftReader(bytes).readStruct();
  const rowGroups = structsOf(struct, FileMetaData.rowGroups).map((group) => ({
    rows: integerOf(group, RowGroup.rows),
    chunks: structsOf(group, RowGroup.columns).map((chunk) => parseChunk(chunk, end)),
    struct: group,
  }));
  return { struct, rows: integerOf(struct, FileMetaData.rows), rowGroups };
}

/** The bytes of a footer with its trailer. */
export function footerBytes(struct: ThriftStruct): Uint8Array {
  const bytes = thriftBytes(struct);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([bytes, length, Buffer.from(MAGIC)]);
}

/** The footer of a whole file in memory, and where it begins. */
export function footerOf(file: Uint8Array): { footer: Footer; start: number } {
  const length = Buffer.from(file.buffer, file.byteOffset, file.length).readUInt32LE(file.length - TRAILER);
  const start = file.length - TRAILER - length;
  // A copy: what is parsed are views, which would else keep the whole file in memory.
  return { footer: parseFooter(file.slice(start, file.length - TRAILER), start), start };
}

function parseChunk(struct: ThriftStruct, end: number): Chunk {
  const metaData = structOf(struct, ColumnChunk.metaData);
  const [column] = itemsOf(metaData, ColumnMetaData.path);
  if (!(column instanceof Uint8Array)) throw new RangeError("a column has no name");
  const dataStart = integerOf(metaData, ColumnMetaData.dataPageOffset);
  const dictionaryStart = metaData.has(ColumnMetaData.dictionaryPageOffset)
    ? integerOf(metaData, ColumnMetaData.dictionaryPageOffset)
    : 0;
  // Some writers say 0 for a dictionary that is not there.
  const start = dictionaryStart > 0 ? Math.min(dictionaryStart, dataStart) : dataStart;
  const length = integerOf(metaData, ColumnMetaData.compressedSize);
  if (start < MAGIC.length || start + length > end) {
    throw new RangeError(
      `a column stands at ${start} to ${start + length}, outside the ${end} bytes before the footer`,
    );
  }
  return {
    column: Buffer.from(column).toString("utf8"),
    start,
    length,
    uncompressed: integerOf(metaData, ColumnMetaData.uncompressedSize),
    values: integerOf(metaData, ColumnMetaData.values),
    valueBytes: valueBytes(metaData),
    textBytes: textBytes(metaData),
    codec: integerOf(metaData, ColumnMetaData.codec),
    struct,
  };
}
