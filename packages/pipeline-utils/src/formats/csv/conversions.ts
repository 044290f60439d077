import type { Data, Date_, Float, Int, Timestamp } from "apache-arrow";
import { Bool, DateUnit, makeData, Precision, TimeUnit } from "apache-arrow";
import { NOT_A_BOOLEAN, parseBoolean, TRUE } from "./booleans.js";
import { DECIMAL, INTEGER, NOT_A_NUMBER, parseNumber } from "./number-parser.js";
import type { TextBatch } from "./text-column.js";
import type { Validity } from "./validity.js";
import { ValidityBuilder } from "./validity.js";

/** Called for each text that is not of the requested type. */
export type Misfit = (row: number, text: string) => void;

/** Stores the value of the text `bytes[start, end)`. Returns false if the text has no such value. */
type Store = (bytes: Uint8Array, start: number, end: number, row: number) => boolean;

/** Codes that inference leaves as text, such as `007` and `+1`, are numbers if numbers are requested. */
const REQUESTED_NUMBER_PATTERN = /^ *[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? *$/;
const INFINITY_PATTERN = /inf/i;
const WHOLE_PATTERN = /^ *([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))? *$/;
/** More digits than any integer type holds. */
const MAX_WHOLE_DIGITS = 64;
const TIMESTAMP_PATTERN =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d{2}):?(\d{2}))?)?$/;
/** Limit of the bytes of a date and time. */
const MAX_TIMESTAMP_BYTES = 40;
/** By unit of a timestamp. */
const NANOSECONDS_PER_UNIT = {
  [TimeUnit.SECOND]: 1_000_000_000n,
  [TimeUnit.MILLISECOND]: 1_000_000n,
  [TimeUnit.MICROSECOND]: 1_000n,
  [TimeUnit.NANOSECOND]: 1n,
};
const NANOSECONDS_PER_DAY = 86_400_000_000_000n;

/** Texts as truth values. */
export function toBooleans(texts: TextBatch, misfit: Misfit): Data<Bool> {
  const { length } = texts;
  const data = new Uint8Array((length + 7) >> 3);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    const value = parseBoolean(bytes, start, end);
    if (value === TRUE) {
      data[row >> 3]! |= 1 << (row & 7);
    }
    return value !== NOT_A_BOOLEAN;
  });
  return makeData({ type: new Bool(), length, data, ...validity });
}

/**
 * Texts as Float64 or, rounded to it, Float32. A number that is too large for the type is a misfit, not an infinity.
 *
 * @param mustBeWhole - Whether a number that is an integer only because it was rounded is a misfit too.
 */
export function toFloats(texts: TextBatch, type: Float, mustBeWhole: boolean, misfit: Misfit): Data<Float> {
  const { length } = texts;
  const data = type.precision === Precision.SINGLE ? new Float32Array(length) : new Float64Array(length);
  const value = new Float64Array(1);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    const kind = parseRequestedNumber(bytes, start, end, value);
    if (kind === NOT_A_NUMBER) {
      return false;
    }
    const number = value[0]!;
    data[row] = number;
    if (mustBeWhole && kind !== INTEGER && Number.isInteger(number)) {
      return parseWhole(textAt(bytes, start, end)) !== undefined;
    }
    return Math.abs(data[row]) !== Infinity || INFINITY_PATTERN.test(textAt(bytes, start, end));
  });
  return makeData({ type, length, data, ...validity });
}

/** Texts as integers of up to 32 bits. */
export function toIntegers(texts: TextBatch, type: Int, misfit: Misfit): Data<Int> {
  const { length } = texts;
  const least = type.isSigned ? -(2 ** (type.bitWidth - 1)) : 0;
  const most = least + 2 ** type.bitWidth - 1;
  const data = integerArray(type, length);
  const value = new Float64Array(1);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    const isPlain = parseNumber(bytes, start, end, value, 0) === INTEGER;
    const number = isPlain ? value[0]! : Number(parseWhole(textAt(bytes, start, end)) ?? NaN);
    data[row] = number;
    return number >= least && number <= most;
  });
  return makeData({ type, length, data, ...validity });
}

/** Texts as integers of 64 bits, all exact. */
export function toLongIntegers(texts: TextBatch, type: Int, misfit: Misfit): Data<Int> {
  const { length } = texts;
  const data = type.isSigned ? new BigInt64Array(length) : new BigUint64Array(length);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    const value = parseWhole(textAt(bytes, start, end));
    if (value === undefined) {
      return false;
    }
    data[row] = value;
    return data[row] === value;
  });
  return makeData({ type, length, data, ...validity });
}

/** Texts as instants, in whole units of the type. */
export function toTimestamps(texts: TextBatch, type: Timestamp, misfit: Misfit): Data<Timestamp> {
  const { length } = texts;
  const data = new BigInt64Array(length);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) => {
    return storeWholeUnits(bytes, start, end, NANOSECONDS_PER_UNIT[type.unit], (count) => {
      data[row] = count;
      return data[row] === count;
    });
  });
  return makeData({ type, length, data, ...validity });
}

/** Texts as days. */
export function toDates(texts: TextBatch, type: Date_, misfit: Misfit): Data<Date_> {
  const { length } = texts;
  const inDays = type.unit === DateUnit.DAY;
  const unit = inDays ? NANOSECONDS_PER_DAY : NANOSECONDS_PER_UNIT[TimeUnit.MILLISECOND];
  const days = new Int32Array(inDays ? length : 0);
  const milliseconds = new BigInt64Array(inDays ? 0 : length);
  const validity = convertEach(texts, misfit, (bytes, start, end, row) =>
    storeWholeUnits(bytes, start, end, unit, (count) => {
      if (inDays) {
        days[row] = Number(count);
      } else {
        milliseconds[row] = count;
      }
      return true;
    }),
  );
  return makeData({ type, length, data: inDays ? days : milliseconds, ...validity });
}

/**
 * Parse a number that is exactly an integer: `007`, `1.0` and `1e3`, but not `1.0000000000000000001`, although the
 * nearest double is an integer.
 *
 * @returns Undefined for another text, and for a number of more than 64 digits.
 */
export function parseWhole(text: string): bigint | undefined {
  const match = WHOLE_PATTERN.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = Math.max(0, whole.length + Number(exponent));
  if (digits === "" || point > MAX_WHOLE_DIGITS || /[1-9]/.test(digits.slice(point))) {
    return undefined;
  }
  const integer = BigInt(digits.slice(0, point).padEnd(point, "0"));
  return sign === "-" ? -integer : integer;
}

/** Decode the text `bytes[start, end)`. */
export function textAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}

/**
 * Convert the texts of a batch, one by one. An empty text is null, even in quotes. A misfit becomes null too.
 *
 * @returns The validity: which rows hold a value.
 */
function convertEach(texts: TextBatch, misfit: Misfit, store: Store): Validity {
  const { values, valueOffsets, length } = texts;
  const validity = new ValidityBuilder();
  for (let row = 0; row < length; row++) {
    const start = valueOffsets[row]!;
    const end = valueOffsets[row + 1]!;
    if (start < end) {
      if (store(values, start, end, row)) {
        continue;
      }
      misfit(row, textAt(values, start, end));
    }
    validity.setNull(row);
  }
  return validity.take(length);
}

/** Returns the kind of number, as `parseNumber` does. */
function parseRequestedNumber(bytes: Uint8Array, start: number, end: number, value: Float64Array): number {
  const kind = parseNumber(bytes, start, end, value, 0);
  if (kind !== NOT_A_NUMBER) {
    return kind;
  }
  const text = textAt(bytes, start, end);
  if (!REQUESTED_NUMBER_PATTERN.test(text)) {
    return NOT_A_NUMBER;
  }
  value[0] = Number(text);
  return DECIMAL;
}

function integerArray(
  type: Int,
  length: number,
): Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array {
  switch (type.bitWidth) {
    case 8:
      return type.isSigned ? new Int8Array(length) : new Uint8Array(length);
    case 16:
      return type.isSigned ? new Int16Array(length) : new Uint16Array(length);
    default:
      return type.isSigned ? new Int32Array(length) : new Uint32Array(length);
  }
}

/** Store the number of whole units from 1970 to a date or time. Returns false for a text that is none. */
function storeWholeUnits(
  bytes: Uint8Array,
  start: number,
  end: number,
  nanosecondsPerUnit: bigint,
  store: (count: bigint) => boolean,
): boolean {
  const isTooLong = end - start > MAX_TIMESTAMP_BYTES;
  const nanoseconds = isTooLong ? undefined : parseTimestamp(textAt(bytes, start, end));
  return (
    nanoseconds !== undefined &&
    nanoseconds % nanosecondsPerUnit === 0n &&
    store(nanoseconds / nanosecondsPerUnit)
  );
}

/**
 * The nanoseconds since 1970 of a date, or of a date and time in ISO 8601 such as `2021-07-24T09:56:42.718Z`. A space
 * may replace the `T`. Without a zone the time is UTC.
 *
 * @returns undefined for another text, and for a date or a time that does not exist.
 */
function parseTimestamp(text: string): bigint | undefined {
  const match = TIMESTAMP_PATTERN.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, date = "", time = "00:00", seconds = "00", fraction = "", sign, hours = "0", minutes = "0"] =
    match;
  const iso = `${date}T${time}:${seconds}.000Z`;
  const milliseconds = Date.parse(iso);
  // Date.parse accepts the 30th of February as the 2nd of March.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== iso) {
    return undefined;
  }
  if (Number(hours) > 23 || Number(minutes) > 59) {
    return undefined;
  }
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000);
  return BigInt(milliseconds - offset) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
