import type { Bool, Data, Date_, Dictionary, Int, LargeUtf8, Timestamp, Utf8, Utf8View } from "apache-arrow";
import { DataType, DateUnit, Precision, TimeUnit, Vector } from "apache-arrow";
import { SerialisationError } from "../../errors.js";
import {
  isBoolData,
  isDateData,
  isDictionaryData,
  isFloatData,
  isIntData,
  isLargeUtf8Data,
  isTimestampData,
  isUtf8Data,
  isUtf8ViewData,
  nullTest,
} from "../arrow-data.js";
import { shownType } from "../shown.js";
import { ASCII } from "./ascii.js";
import { NOT_A_BOOLEAN, parseBoolean } from "./booleans.js";
import type { ByteSink } from "./byte-sink.js";
import { mayBeNumber, NOT_A_NUMBER, parseNumber } from "./number-parser.js";
import { putDouble, putInteger } from "./number-writer.js";

const { CARRIAGE_RETURN, COMMA, LINE_FEED, LOWER_CASE_BIT, LOWER_F, LOWER_T, QUOTE, SPACE, TAB } = ASCII;

const MILLISECONDS_PER_DAY = 86_400_000;
/** By unit of a timestamp: units per second, and the digits of a fraction of a second. */
const UNITS = {
  [TimeUnit.SECOND]: { perSecond: 1n, digits: 0 },
  [TimeUnit.MILLISECOND]: { perSecond: 1_000n, digits: 3 },
  [TimeUnit.MICROSECOND]: { perSecond: 1_000_000n, digits: 6 },
  [TimeUnit.NANOSECOND]: { perSecond: 1_000_000_000n, digits: 9 },
};
const FOUR_DIGIT_YEAR_PATTERN = /^\d{4}-/;
/** Holds the number that `looksLikeAnotherType` parses. */
const parsedNumber = new Float64Array(1);

/** Writes the value of a row that is not null. */
export type FieldWriter = (sink: ByteSink, row: number) => void;

/** Whether a type has a form in CSV, and therefore a `fieldWriter`. */
export function isWritable(type: DataType): boolean {
  if (DataType.isFloat(type)) {
    return type.precision !== Precision.HALF;
  }
  if (DataType.isDictionary(type)) {
    return isWritable(type.dictionary as DataType);
  } // `any` in Arrow's declarations
  return (
    DataType.isLargeUtf8(type) ||
    DataType.isUtf8View(type) ||
    DataType.isInt(type) ||
    DataType.isBool(type) ||
    DataType.isUtf8(type) ||
    DataType.isDate(type) ||
    DataType.isTimestamp(type) ||
    DataType.isNull(type)
  );
}

/**
 * A writer of the values of a batch of a column.
 *
 * @param name - The column's name, for errors.
 */
export function fieldWriter(name: string, data: Data): FieldWriter {
  if (isFloatData(data)) {
    const { values } = data;
    return (sink, row) => {
      putDouble(sink, values[row]!);
    };
  }
  if (isIntData(data)) {
    return integerWriter(data);
  }
  if (isBoolData(data)) {
    return booleanWriter(data);
  }
  if (isUtf8Data(data) || isLargeUtf8Data(data)) {
    return textWriter(data);
  }
  if (isUtf8ViewData(data)) {
    return viewWriter(data);
  }
  if (isDictionaryData(data)) {
    return dictionaryWriter(name, data);
  }
  if (isDateData(data)) {
    return timeWriter(name, data, formatDate);
  }
  if (isTimestampData(data)) {
    return timeWriter(name, data, formatTimestamp);
  }
  return () => undefined; // of type Null: no row has a value
}

/**
 * Write the text `source[start, end)`. Quotes enclose it if it contains a special character of CSV, or if a reader
 * would otherwise read it as null, a number or a truth value.
 */
export function putText(sink: ByteSink, source: Uint8Array, start: number, end: number): void {
  sink.reserve(2 * (end - start) + 2);
  const { bytes } = sink;
  let used = sink.used;
  if (!looksLikeAnotherType(source, start, end)) {
    let at = start;
    for (; at < end; at++) {
      const byte = source[at]!;
      if (
        byte <= COMMA &&
        (byte === COMMA || byte === QUOTE || byte === LINE_FEED || byte === CARRIAGE_RETURN)
      ) {
        break;
      }
      bytes[used++] = byte;
    }
    if (at === end) {
      sink.used = used;
      return;
    }
  }
  putQuotedText(sink, source, start, end);
}

/** Write the text `source[start, end)` in quotes. */
export function putQuotedText(sink: ByteSink, source: Uint8Array, start: number, end: number): void {
  sink.reserve(2 * (end - start) + 2);
  const { bytes } = sink;
  let used = sink.used;
  bytes[used++] = QUOTE;
  for (let at = start; at < end; at++) {
    const byte = source[at]!;
    bytes[used++] = byte;
    if (byte === QUOTE) {
      bytes[used++] = QUOTE;
    }
  }
  bytes[used++] = QUOTE;
  sink.used = used;
}

function integerWriter({ values }: Data<Int>): FieldWriter {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    return (sink, row) => {
      sink.putAscii(String(values[row]));
    };
  }
  return (sink, row) => {
    putInteger(sink, values[row]!);
  };
}

function booleanWriter({ values, offset }: Data<Bool>): FieldWriter {
  return (sink, row) => {
    const bit = offset + row;
    sink.putAscii((values[bit >> 3]! >> (bit & 7)) & 1 ? "true" : "false");
  };
}

function textWriter({ values, valueOffsets }: Data<Utf8> | Data<LargeUtf8>): FieldWriter {
  return (sink, row) => {
    putText(sink, values, Number(valueOffsets[row]), Number(valueOffsets[row + 1]));
  };
}

function viewWriter(data: Data<Utf8View>): FieldWriter {
  const texts = new Vector([data]);
  const encoder = new TextEncoder();
  return (sink, row) => {
    const bytes = encoder.encode(texts.get(row) ?? "");
    putText(sink, bytes, 0, bytes.length);
  };
}

/** Write the values of a dictionary. It may consist of several chunks, and some of its values may be null. */
function dictionaryWriter(name: string, { values, dictionary }: Data<Dictionary>): FieldWriter {
  const parts = (dictionary?.data ?? []).map((data: Data) => ({
    length: data.length,
    write: fieldWriter(name, data),
    isNull: nullTest(data),
  }));
  return (sink, row) => {
    let index = Number(values[row]);
    for (const { length, write, isNull } of parts) {
      if (index < length) {
        if (!isNull?.(index)) {
          write(sink, index);
        }
        return;
      }
      index -= length;
    }
  };
}

function timeWriter<T extends Date_ | Timestamp>(
  name: string,
  { type, values }: Data<T>,
  format: (value: T["TArray"][number], type: T) => string | undefined,
): FieldWriter {
  return (sink, row) => {
    const value = values[row]!;
    const text = format(value, type);
    if (text === undefined) {
      throw new SerialisationError(
        `column ${JSON.stringify(name)} holds ${value} as ${shownType(type)}, which is outside the years 0000 to 9999 that have a form in CSV`,
      );
    }
    sink.putAscii(text);
  };
}

function looksLikeAnotherType(source: Uint8Array, start: number, end: number): boolean {
  if (start === end) {
    return true;
  }
  const first = source[start]!;
  if (first === SPACE || first === TAB || source[end - 1] === SPACE) {
    return isBlank(source, start, end) || parseNumber(source, start, end, parsedNumber, 0) !== NOT_A_NUMBER;
  }
  const letter = first | LOWER_CASE_BIT;
  if (letter === LOWER_F || letter === LOWER_T) {
    return parseBoolean(source, start, end) !== NOT_A_BOOLEAN;
  }
  return mayBeNumber(source, start, end) && parseNumber(source, start, end, parsedNumber, 0) !== NOT_A_NUMBER;
}

/** Whether a text is nothing but spaces and tabs. In a table of one column, its line would be blank. */
function isBlank(source: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && (source[at] === SPACE || source[at] === TAB)) {
    at++;
  }
  return at === end;
}

/**
 * An instant in ISO 8601, such as `2021-07-24T09:56:42.718Z`; without the `Z` if the type has no zone.
 *
 * @returns undefined if the year does not have four digits.
 */
function formatTimestamp(value: bigint, { unit, timezone }: Timestamp): string | undefined {
  const { perSecond, digits } = UNITS[unit];
  const rest = ((value % perSecond) + perSecond) % perSecond;
  const seconds = isoText(Number((value - rest) / perSecond) * 1000)?.slice(0, 19);
  const fraction = digits === 0 ? "" : `.${String(rest).padStart(digits, "0")}`;
  return seconds && `${seconds}${fraction}${timezone ? "Z" : ""}`;
}

/** A day as `2021-07-24`; a Date64 that is no whole day as `2021-07-24T09:56:42.718`. */
function formatDate(value: number | bigint, { unit }: Date_): string | undefined {
  const milliseconds = unit === DateUnit.DAY ? Number(value) * MILLISECONDS_PER_DAY : Number(value);
  return isoText(milliseconds)?.slice(0, milliseconds % MILLISECONDS_PER_DAY === 0 ? 10 : 23);
}

function isoText(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) {
    return undefined;
  }
  const text = date.toISOString();
  return FOUR_DIGIT_YEAR_PATTERN.test(text) ? text : undefined;
}
