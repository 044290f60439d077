import { Type } from "apache-arrow";
import type { DataType, Table } from "apache-arrow";
import { argumentError, checkOptions } from "../../argument-error.js";
import { chunksOf } from "../byte-source.js";
import type { ByteSource } from "../byte-source.js";
import { checkExpectedSchema } from "../expected-schema.js";
import { READ_CSV_OPTIONS } from "../options.js";
import type { ReadCsvOptions } from "../options.js";
import { ownType } from "../own-arrow.js";
import { ASCII } from "./ascii.js";
import { CsvReader } from "./csv-reader.js";
import { decodeText } from "./decode-text.js";
import { decompress, MAX_TEXT_BYTES } from "./decompress.js";
import { checkNames } from "./header.js";
import { nameOfType } from "./requested-column.js";
import { PLAIN_DELIMITER, transcode } from "./transcoder.js";

const { LINE_FEED, QUOTE } = ASCII;

/**
 * Read a CSV file (RFC 4180, UTF-8 or UTF-16, a header line) into an Arrow Table.
 *
 * A column has the type of all its values, whatever their order. Every column is nullable.
 *
 * - Numbers are Int32 if all are integers that fit, else Float64. Integers beyond 2^53 are text, since no Float64 holds
 *   them.
 * - `true` and `false` (also `True` and `TRUE`, as in pandas) are Bool.
 * - Everything else is Utf8, as written. This includes numbers with leading zeros or a plus, and fields in quotes.
 * - Empty fields are null; empty quotes are an empty text. A column without values is Float64.
 *
 * A first column without a name, as pandas writes its index, is named `Unnamed: 0`, as pandas reads it. Every other
 * column must have a name, and no two may share one, unless `header` is `rename`. Blank lines, also of spaces and tabs,
 * are skipped; in a file of one column they are nulls.
 *
 * Files of gzip and zstd are recognised by their first bytes. Node reads zstd from version 22.15 on.
 *
 * The bytes are parsed as they arrive. Usually they can be dropped, because the columns can rebuild the text of each
 * value. From the first value where they cannot, the bytes are kept in memory:
 *
 * - a number with an exponent, spaces or more than four decimals;
 * - numbers with and without redundant zeros in one column;
 * - two spellings of truth values in one column.
 *
 * papaparse reads delimiters or quotes of more than one byte, and escapes other than the quote. It is slower, does not
 * see which fields were in quotes (empty quotes are null), and accepts one kind of line end.
 *
 * @param source - The file's bytes, in one piece or as a stream of chunks. They may be kept until the end, so a stream
 *   must not change a chunk after yielding it. A stream that reuses or transfers memory within the first 32 chunks is
 *   detected, and its chunks are copied.
 * @returns All rows, in batches of about 1 MiB of the file, or 4 KiB for each column if that is more.
 * @throws {FormatError} A malformed file, or values that are not as requested. The message gives the address, the line
 *   (from 1), the column and the text that was found.
 * @throws {UnsupportedFileFormatError} The file is compressed by zstd, and Node is older than 22.15.
 * @throws {TypeError} An option is unknown, options contradict each other, `source` is no source, or it overwrote or
 *   transferred chunks that are needed again.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export async function readCsv(source: ByteSource, options: ReadCsvOptions = {}): Promise<Table> {
  checkOptions(options, READ_CSV_OPTIONS);
  return readCsvTable(chunksOf(source), options);
}

/** Read a CSV file, as `readCsv` does. Options with other names are ignored. */
export async function readCsvTable(
  source: AsyncIterable<Uint8Array>,
  options: ReadCsvOptions,
): Promise<Table> {
  const { address = "CSV", signal, skipRows = 0, delimiter = ",", quote = '"' } = options;
  checkCsvOptions(options);
  const escape = options.escape ?? quote;
  const isFast = isOneByteDialect(options);
  const firstLine = 1 + skipRows;
  const reader = new CsvReader({
    address,
    firstLine,
    delimiter: isFast ? delimiter.charCodeAt(0) : PLAIN_DELIMITER.charCodeAt(0),
    quote: isFast ? quote.charCodeAt(0) : QUOTE,
    comment: options.comment?.charCodeAt(0) ?? -1,
    decimal: options.decimal,
    hintsAtSemicolons: options.delimiter === undefined,
    fillsShortRows: options.shortRows === "null",
    columnNames: options.columnNames,
    headerNames: options.header,
    nullValues: options.nullValues ?? [],
    columnTypes: requestedTypes(options),
    schema: options.schema ?? {},
  });
  const plain = decompress(source, options.maxBytes ?? MAX_TEXT_BYTES, address);
  const text = decodeText(plain, options.encoding ?? "utf-8", address);
  const lines = skipRows === 0 ? text : skipLines(text, skipRows);
  const bytes = isFast
    ? lines
    : transcode(lines, { address, firstLine, delimiter, quote, escape, columnNames: options.columnNames });
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    reader.push(chunk);
  }
  signal?.throwIfAborted();
  return reader.finish();
}

/** Leave out the first lines of a byte stream. A line ends at a line feed, in quotes too. */
async function* skipLines(source: AsyncIterable<Uint8Array>, lines: number): AsyncIterable<Uint8Array> {
  let left = lines;
  for await (const chunk of source) {
    let start = 0;
    while (left > 0 && start < chunk.length) {
      const end = chunk.indexOf(LINE_FEED, start);
      start = end < 0 ? chunk.length : end + 1;
      left -= end < 0 ? 0 : 1;
    }
    if (start < chunk.length) {
      yield start === 0 ? chunk : chunk.subarray(start);
    }
  }
}

/**
 * Check the options of `readCsv`, also for callers without types.
 *
 * @throws {TypeError} An option has a value that it cannot have, or contradicts another option.
 */
function checkCsvOptions(options: ReadCsvOptions): void {
  const { maxBytes = MAX_TEXT_BYTES } = options;
  if (!Number.isSafeInteger(maxBytes) || maxBytes <= 0) {
    throw argumentError("maxBytes", maxBytes, "a number of bytes, 1 or more");
  }
  checkOneOf("encoding", options.encoding ?? "utf-8", ["utf-8", "latin1"]);
  checkMarks(options);
  checkOneOf("decimal", options.decimal ?? ".", [".", ","]);
  checkLines(options);
  checkColumns(options);
  checkExpectedSchema(options.schema);
}

/** Check the characters that separate and enclose fields. */
function checkMarks({ delimiter = ",", quote = '"', escape = quote }: ReadCsvOptions): void {
  const marks = Object.entries({ delimiter, quote, escape });
  for (const [name, text] of marks) {
    if (text === "" || /[\r\n]/.test(text)) {
      throw new TypeError(
        `the ${name} is ${JSON.stringify(text)}, expected one or more characters, none of them a line end`,
      );
    }
    // papaparse accepts longer quotes and escapes, but never finds them.
    if (name !== "delimiter" && text.length > 1) {
      throw new TypeError(
        `the ${name} is ${JSON.stringify(text)}, expected one character of one UTF-16 unit`,
      );
    }
  }
  if (delimiter.includes(quote) || quote.includes(delimiter)) {
    throw new TypeError(
      `the delimiter ${JSON.stringify(delimiter)} and the quote ${JSON.stringify(quote)} overlap`,
    );
  }
}

/** Check which lines are skipped or filled. */
function checkLines(options: ReadCsvOptions): void {
  const { skipRows = 0, comment, shortRows = "error", delimiter = ",", quote = '"' } = options;
  if (!Number.isSafeInteger(skipRows) || skipRows < 0) {
    throw argumentError("skipRows", skipRows, "a number of lines, 0 or more");
  }
  checkOneOf("shortRows", shortRows, ["error", "null"]);
  if (comment === undefined) {
    return;
  }
  if (typeof comment !== "string" || !isOneByte(comment) || /[\r\n]/.test(comment)) {
    throw argumentError("comment", comment, "one character of ASCII that is no line end");
  }
  if (comment === delimiter || comment === quote) {
    throw new TypeError(`the comment ${JSON.stringify(comment)} is also the delimiter or the quote`);
  }
  if (!isOneByteDialect(options)) {
    throw new TypeError(
      "comment needs a delimiter and a quote of one character of ASCII, and the quote as escape",
    );
  }
}

/** Whether the byte reader knows the dialect, so that it needs no papaparse. */
function isOneByteDialect({ delimiter = ",", quote = '"', escape = quote }: ReadCsvOptions): boolean {
  return isOneByte(delimiter) && isOneByte(quote) && escape === quote;
}

function isOneByte(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 0x80;
}

/** Check the names of columns. */
function checkColumns({ header = "strict", columnNames }: ReadCsvOptions): void {
  checkOneOf("header", header, ["strict", "rename"]);
  if (header === "rename" && columnNames !== undefined) {
    throw new TypeError('header is "rename", but columnNames says that the file has no header line');
  }
  if (columnNames?.length === 0) {
    throw new TypeError("columnNames is empty, expected at least one name");
  }
  checkNames(columnNames ?? [], (_, message) => {
    throw new TypeError(`columnNames: ${message}`);
  });
}

/**
 * The requested types of columns, as types of this package's copy of Arrow.
 *
 * @throws {TypeError} A value is no type, or a type that no column of CSV can have.
 */
function requestedTypes({ columnTypes = {} }: ReadCsvOptions): Record<string, DataType> {
  const types = Object.entries(columnTypes).map(([name, given]): [string, DataType] => {
    const column = `columnTypes: column ${JSON.stringify(name)}`;
    const type = ownType(given, column);
    if (nameOfType(type) === undefined) {
      throw new TypeError(`${column} cannot be read from CSV as ${Type[type.typeId]}`);
    }
    return [name, type];
  });
  return Object.fromEntries(types);
}

function checkOneOf(name: string, value: unknown, values: readonly string[]): void {
  if (!values.some((one) => one === value)) {
    throw argumentError(name, value, values.map((one) => `'${one}'`).join(" or "));
  }
}
