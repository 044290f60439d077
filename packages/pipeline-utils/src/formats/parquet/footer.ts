import { FormatError } from "../../errors.js";
import { shown } from "../shown.js";
import type { ByteRanges } from "./byte-ranges.js";
import {
  COLUMN_CHUNK,
  COLUMN_META_DATA,
  FILE_META_DATA,
  integerField,
  listField,
  ROW_GROUP,
  SIZE_STATISTICS,
  structField,
  structListField,
} from "./footer-fields.js";
import { thriftBytes, ThriftReader } from "./thrift.js";
import type { ThriftStruct } from "./thrift.js";

/** Both ends of a Parquet file. */
export const MAGIC = "PAR1";
/** Both ends of a file whose footer is encrypted. */
const ENCRYPTED_MAGIC = "PARE";
/** After the footer: its length, and the magic bytes. */
const TRAILER_BYTES = 4 + MAGIC.length;
const MIN_FILE_BYTES = 3 * MAGIC.length;

/** The pages of a column in a row group. */
export interface ColumnChunk {
  /** The name of the column, or of the topmost one of a nested column. */
  readonly column: string;
  /** Where the pages begin in the file. */
  readonly start: number;
  readonly length: number;
  /** Bytes of the pages before compression. */
  readonly uncompressed: number;
  /** Count of values, nulls included. Some writers state 0 instead of the count. */
  readonly values: number;
  /** At least this many bytes in memory for each value, texts not included. */
  readonly valueWidth: number;
  /** Bytes of the texts in memory, unless a dictionary holds each of them once. */
  readonly textBytes: number;
  readonly codec: number;
  readonly struct: ThriftStruct;
}

/** Some rows of a file, column by column. */
export interface RowGroup {
  readonly rows: number;
  readonly chunks: readonly ColumnChunk[];
  readonly struct: ThriftStruct;
}

/** The footer of a file: its schema, and where the chunks of each row group are. */
export interface Footer {
  readonly struct: ThriftStruct;
  readonly rows: number;
  readonly rowGroups: readonly RowGroup[];
}

/**
 * Check the ends of a file and read its footer.
 *
 * @throws {FormatError} The file does not begin and end with the magic bytes.
 * @throws {RangeError} The bytes are not a footer, it places a chunk outside the file, or its row counts disagree.
 * @see https://parquet.apache.org/docs/file-format/
 */
export async function readFooter(source: ByteRanges, address: string): Promise<Footer> {
  await checkMagic(source, address);
  const trailer = await source.read(source.size - TRAILER_BYTES, source.size - MAGIC.length);
  const length = Buffer.from(trailer).readUInt32LE();
  const start = source.size - TRAILER_BYTES - length;
  if (start < MAGIC.length) {
    throw new RangeError(`the footer has ${length} bytes, the file only ${source.size}`);
  }
  const footer = parseFooter(await source.read(start, start + length), start);
  const rows = sumOf(footer.rowGroups.map((group) => group.rows));
  // Some writers state 0 rows for every file. The count of each row group is still compared with its pages.
  if (footer.rows !== 0) {
    checkCount("rows in the row groups", rows, footer.rows);
  }
  return { ...footer, rows };
}

async function checkMagic(source: ByteRanges, address: string): Promise<void> {
  if (source.size < MIN_FILE_BYTES) {
    throw new FormatError(
      `${address}: found ${source.size} bytes, expected a Parquet file of at least ${MIN_FILE_BYTES}`,
    );
  }
  const places = [
    [0, "beginning"],
    [source.size - MAGIC.length, "end; the file may be incomplete"],
  ] as const;
  for (const [start, place] of places) {
    const found = Buffer.from(await source.read(start, start + MAGIC.length)).toString("latin1");
    if (found !== MAGIC) {
      const kind = found === ENCRYPTED_MAGIC ? " of an encrypted file" : "";
      throw new FormatError(
        `${address}: found ${shown(found)}${kind}, expected "${MAGIC}" of a Parquet file at the ${place}`,
      );
    }
  }
}

/**
 * Parse a footer without its trailer.
 *
 * @param end - Where the footer begins, and where all chunks must have ended.
 */
function parseFooter(bytes: Uint8Array, end: number): Footer {
  const struct = new ThriftReader(bytes).readStruct();
  const rowGroups = structListField(struct, FILE_META_DATA.rowGroups).map((group) => ({
    rows: integerField(group, ROW_GROUP.rows),
    chunks: structListField(group, ROW_GROUP.columns).map((chunk) => parseChunk(chunk, end)),
    struct: group,
  }));
  return { struct, rows: integerField(struct, FILE_META_DATA.rows), rowGroups };
}

function parseChunk(struct: ThriftStruct, end: number): ColumnChunk {
  const metaData = structField(struct, COLUMN_CHUNK.metaData);
  const [column] = listField(metaData, COLUMN_META_DATA.path);
  if (!(column instanceof Uint8Array)) {
    throw new RangeError("a column has no name");
  }
  return {
    column: Buffer.from(column).toString("utf8"),
    ...chunkPlace(metaData, end),
    uncompressed: integerField(metaData, COLUMN_META_DATA.uncompressedSize),
    values: integerField(metaData, COLUMN_META_DATA.values),
    valueWidth: VALUE_BYTES[integerField(metaData, COLUMN_META_DATA.type)] ?? 1,
    textBytes: decodedTextBytes(metaData),
    codec: integerField(metaData, COLUMN_META_DATA.codec),
    struct,
  };
}

/** Where the pages of a chunk begin in the file, and how many bytes they have. */
function chunkPlace(metaData: ThriftStruct, end: number): { start: number; length: number } {
  // Writers give the offset 0 for pages that do not exist: a dictionary, or the data of a chunk without values.
  const offsets = [COLUMN_META_DATA.dictionaryPageOffset, COLUMN_META_DATA.dataPageOffset]
    .map((id) => (metaData.has(id) ? integerField(metaData, id) : 0))
    .filter((offset) => offset > 0);
  const length = integerField(metaData, COLUMN_META_DATA.compressedSize);
  const hasNoPages = offsets.length === 0 || length === 0;
  if (hasNoPages && integerField(metaData, COLUMN_META_DATA.values) === 0) {
    return { start: MAGIC.length, length: 0 };
  }
  const start = offsets.length === 0 ? 0 : Math.min(...offsets);
  if (start < MAGIC.length || start + length > end) {
    throw new RangeError(
      `a column lies at ${start} to ${start + length}, outside the ${end} bytes before the footer`,
    );
  }
  return { start, length };
}

/**
 * Bytes of a value in memory, by the number of its physical type; for a text, the bytes of its offset. Pages that
 * repeat a few values encode gigabytes in a few bytes, so the size of the pages is no bound.
 *
 * @see https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 */
const VALUE_BYTES: readonly number[] = [
  1 / 8, // BOOLEAN
  4, // INT32
  8, // INT64
  8, // INT96
  4, // FLOAT
  8, // DOUBLE
  4, // BYTE_ARRAY
  1, // FIXED_LEN_BYTE_ARRAY: at least
];

/** Bytes of the texts of a chunk, each counted as often as it occurs; 0 if the writer did not record them. */
function decodedTextBytes(metaData: ThriftStruct): number {
  if (!metaData.has(COLUMN_META_DATA.sizeStatistics)) {
    return 0;
  }
  const statistics = structField(metaData, COLUMN_META_DATA.sizeStatistics);
  return statistics.has(SIZE_STATISTICS.byteArrayBytes)
    ? integerField(statistics, SIZE_STATISTICS.byteArrayBytes)
    : 0;
}

/** The footer of a whole file in memory, and where it begins. */
export function footerOf(file: Uint8Array): { footer: Footer; start: number } {
  const length = Buffer.from(file.buffer, file.byteOffset, file.length).readUInt32LE(
    file.length - TRAILER_BYTES,
  );
  const start = file.length - TRAILER_BYTES - length;
  // Copy the bytes, because the parsed values are views, which would keep the whole file in memory.
  return { footer: parseFooter(file.slice(start, file.length - TRAILER_BYTES), start), start };
}

/** The bytes of a footer with its trailer. */
export function footerBytes(struct: ThriftStruct): Uint8Array {
  const bytes = thriftBytes(struct);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([bytes, length, Buffer.from(MAGIC)]);
}

/** @throws {RangeError} A count that was found is not the one that the footer states. */
export function checkCount(counted: string, found: number, stated: number): void {
  if (found !== stated) {
    throw new RangeError(`found ${found} ${counted}, the footer states ${stated}`);
  }
}

/** The sum of numbers, 0 for none. */
export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
