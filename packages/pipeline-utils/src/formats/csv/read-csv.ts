import { type DataType, type Table, Type } from "apache-arrow";
import { type ExpectedSchema } from "../schema/expected-schema.js";
import { nameOfType } from "./convert/name-of-type.js";
import { CsvReader } from "./csv-reader.js";
import { checkNames } from "./header.js";
import { transcode } from "./transcode.js";

/** How to read a CSV file. */
export interface ReadCsvOptions {
  /** Where the bytes come from, as `s3://bucket/key`; begins every error's message. Default: `CSV`. */
  readonly address?: string;
  /** Stops the reading when the next chunk comes, or the source ends; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** What separates fields. Default: `,`. */
  readonly delimiter?: string;
  /** What encloses fields that hold delimiters, quotes or line ends: a character. Default: `"`. */
  readonly quote?: string;
  /** What stands before a quote inside quotes to mean the quote: a character. Default: the quote itself. */
  readonly escape?: string;
  /** The names of the columns of a file that has no header line. */
  readonly columnNames?: readonly string[];
  /** Texts that are null beside the empty field, unless in quotes. Default: none. */
  readonly nullValues?: readonly string[];
  /**
   * Arrow types of columns, by name, in place of the types of their values: integers and floats (not Float16), Bool,
   * Utf8, Date, Timestamp, and Dictionary of Utf8 (by indices of up to 32 bits). Numbers may then be in quotes or have
   * leading zeros; an integer may be written as `1.0` or `1e3`. What a type does not hold is an error: an integer beyond
   * its range, a number that it would make infinite, a time that is no whole number of its units.
   */
  readonly columnTypes?: Readonly<Record<string, DataType>>;
  /** What the columns must be. All that is otherwise is told at once, by line, and nothing is returned. */
  readonly schema?: ExpectedSchema;
}

/**
 * Read a CSV file (RFC 4180, UTF-8, a header line) into an Arrow Table.
 *
 * A column has the type of all its values, whatever their order. Numbers are Int32 where all are integers that fit, else
 * Float64; integers beyond 2^53 are text, as no Float64 holds them. `true` and `false` (also `True`, `TRUE`, as pandas
 * has it) are Bool. All else is Utf8, as written: so are numbers with leading zeros or a plus, and fields in quotes.
 * Empty fields are null, empty quotes an empty text. A column without values is Float64. Every column is nullable.
 *
 * A first column without a name, as pandas writes its index, is named `Unnamed: 0`, as pandas reads it; any other must have
 * a name, and one of its own.
 *
 * Blank lines are skipped, except in a file of one column, where they are nulls. The bytes are parsed as they arrive. They
 * are kept where the columns do not tell how they were written: from the first number on that has an exponent, spaces or more
 * than four decimals, and where numbers with and without needless zeros, or truth values of two spellings, are mixed. A delimiter or quote of more than one byte, and an escape that is not
 * the quote, go through papaparse: slower, blind to quotes (empty quotes are null), with one kind of line end.
 *
 * @param source - The file's bytes, in chunks of any size. They may be kept until the end: a source must leave a chunk alone
 *   once it has yielded it, or read into the same memory, or transfer it, within the first 32, so that all are copied.
 * @returns All rows, in batches of about 1 MiB of the file, or 4 KiB for each column where that is more.
 * @throws {FormatError} A malformed file, or values that are not as asked for; the message gives the address, the line
 *   (from 1), the column and what was found.
 * @throws {TypeError} Options that contradict each other, and a source that wrote over chunks, or transferred
 *   them, that are needed again.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export async function readCsv(
  source: AsyncIterable<Uint8Array>,
  options: ReadCsvOptions = {},
): Promise<Table> {
  const { address = "CSV", signal, delimiter = ",", quote = '"', columnTypes = {} } = options;
  checkOptions(options);
  const escape = options.escape ?? quote;
  const isFast = isOneByte(delimiter) && isOneByte(quote) && escape === quote;
  const reader = new CsvReader({
    address,
    delimiter: isFast ? delimiter.charCodeAt(0) : 44,
    quote: isFast ? quote.charCodeAt(0) : 34,
    columnNames: options.columnNames,
    nullValues: options.nullValues ?? [],
    columnTypes,
    schema: options.schema ?? {},
  });
  const bytes = isFast
    ? source
    : transcode(source, { address, delimiter, quote, escape, columnNames: options.columnNames });
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    reader.push(chunk);
  }
  signal?.throwIfAborted();
  return reader.finish();
}

function isOneByte(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 0x80;
}

function checkOptions({
  delimiter = ",",
  quote = '"',
  escape = quote,
  columnNames,
  columnTypes = {},
}: ReadCsvOptions): void {
  const marks = Object.entries({ delimiter, quote, escape });
  for (const [name, text] of marks) {
    if (text === "" || /[\r\n]/.test(text)) {
      throw new TypeError(
        `the ${name} is ${JSON.stringify(text)}, expected one or more characters, none of them a line end`,
      );
    }
    // papaparse would take longer ones, and find none of them.
    if (name !== "delimiter" && text.length > 1)
      throw new TypeError(
        `the ${name} is ${JSON.stringify(text)}, expected one character of one UTF-16 unit`,
      );
  }
  if (delimiter.includes(quote) || quote.includes(delimiter)) {
    throw new TypeError(
      `the delimiter ${JSON.stringify(delimiter)} and the quote ${JSON.stringify(quote)} overlap`,
    );
  }
  if (columnNames?.length === 0) throw new TypeError("columnNames is empty, expected at least one name");
  checkNames(columnNames ?? [], (_, message) => {
    throw new TypeError(`columnNames: ${message}`);
  });
  for (const [name, type] of Object.entries(columnTypes)) {
    if (nameOfType(type) !== undefined) continue;
    throw new TypeError(
      `columnTypes: no column can be read from CSV as ${Type[type.typeId]}, as asked for ${JSON.stringify(name)}`,
    );
  }
}
