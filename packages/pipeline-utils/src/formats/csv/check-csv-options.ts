import { Type } from "apache-arrow";
import type { DataType } from "apache-arrow";
import { argumentError } from "../../argument-error.js";
import type { ReadCsvOptions } from "../options.js";
import { ownType } from "../own-arrow.js";
import { MAX_TEXT_BYTES } from "./decompress.js";
import { checkNames } from "./header.js";
import { nameOfType } from "./requested-column.js";

/**
 * Check the options of `readCsv`, also for callers without types.
 *
 * @throws {TypeError} An option has a value that it cannot have, or contradicts another option.
 */
export function checkCsvOptions(options: ReadCsvOptions): void {
  const { maxBytes = MAX_TEXT_BYTES } = options;
  if (!Number.isSafeInteger(maxBytes) || maxBytes <= 0) {
    throw argumentError("maxBytes", maxBytes, "a number of bytes, 1 or more");
  }
  checkOneOf("encoding", options.encoding ?? "utf-8", ["utf-8", "latin1"]);
  checkMarks(options);
  checkOneOf("decimal", options.decimal ?? ".", [".", ","]);
  checkLines(options);
  checkColumns(options);
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
export function isOneByteDialect({ delimiter = ",", quote = '"', escape = quote }: ReadCsvOptions): boolean {
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
export function requestedTypes({ columnTypes = {} }: ReadCsvOptions): Record<string, DataType> {
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
