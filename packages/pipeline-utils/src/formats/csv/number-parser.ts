import { ASCII } from "./ascii.js";
import { divideExactly, MAX_EXACT_EXPONENT, POWERS_OF_TEN } from "./exact-arithmetic.js";

const { LOWER_A, LOWER_CASE_BIT, LOWER_E, LOWER_I, LOWER_N, MINUS, NINE, PLUS, POINT, SPACE, ZERO } = ASCII;

/** The kinds of field that `parseNumber` returns. */
export const NOT_A_NUMBER = 0;
/** An integer that a double holds exactly: its magnitude is at most 2^53. */
export const INTEGER = 1;
/** A number with a point or an exponent, NaN, an infinity, or -0, which no integer type holds. */
export const DECIMAL = 2;
/** An integer beyond 2^53. A double may hold only a neighbour of it. */
export const LARGE_INTEGER = 3;

/** Result of `parsePlainNumber` if it parsed nothing. */
export const NOT_PLAIN = -1;
/**
 * Bits of the result of `parsePlainNumber` that hold the number's form: how it was spelled.
 *
 * A form is the number of decimals (0 = integer), plus `PADDED_FORM` if the last of them is a zero. With the value,
 * this rebuilds the text. Beyond four decimals the form is `UNKNOWN_FORM`.
 */
export const FORM_BITS = 5;
export const PADDED_FORM = 8;
export const MAX_FORM_DECIMALS = 4;
export const UNKNOWN_FORM = 31;
const FORM_MASK = (1 << FORM_BITS) - 1;
const TWO_TO_53 = 9007199254740992;
/** This many digits fit an int32, and two such groups with a power of ten between them are exact in doubles. */
const GROUP_DIGITS = 9;
/** Every integer of this many digits is exact in a double. */
const MAX_INTEGER_DIGITS = 15;

/** Leave longer exponents to `Number`. */
const MAX_EXPONENT_DIGITS = 3;
/** Limit of the characters of a number. A longer field is text. */
const MAX_NUMBER_LENGTH = 1024;
const MAX_NOT_FINITE_LENGTH = "-Infinity".length;
/** 1 for the bytes of finite numbers: digits, signs, points and exponents. */
const NUMERIC_BYTES = new Uint8Array(256);
for (const byte of Buffer.from("0123456789+-.eE")) {
  NUMERIC_BYTES[byte] = 1;
}
const NUMBER_PATTERN = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const DIGITS_PATTERN = /^-?\d+$/;
const MAX_EXACT_INTEGER = 2n ** 53n;
const NOT_FINITE = new Map([
  ["NaN", NaN],
  ["nan", NaN],
  ["Infinity", Infinity],
  ["inf", Infinity],
  ["-Infinity", -Infinity],
  ["-inf", -Infinity],
]);

/**
 * Parse the number `bytes[start, end)` into `out[index]`, exactly: the value is that of `Number(text)`.
 *
 * The result goes into an array because a function that returns a double allocates an object for it.
 *
 * @returns INTEGER, DECIMAL or LARGE_INTEGER. After NOT_A_NUMBER, `out[index]` has no meaning.
 */
export function parseNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Float64Array,
  index: number,
): number {
  const parsed = parsePlainNumber(bytes, start, end, out, index);
  if (parsed !== NOT_PLAIN && parsed >> FORM_BITS === end) {
    return (parsed & FORM_MASK) === 0 ? INTEGER : DECIMAL;
  }
  return parseUnusualNumber(bytes, start, end, out, index);
}

/**
 * Parse the digits from `bytes[start]` on into `out[index]`, in the two forms that nearly all numbers have:
 *
 * - integers of up to 15 digits;
 * - decimals of up to 18 digits, with 1 to 9 of them before the point and at least one after it.
 *
 * The digits of a decimal are parsed as two integers. Their combined value is divided by a power of ten, with a single
 * rounding.
 *
 * @param limit - Where the bytes end. A number that is longer than these forms is parsed in part.
 * @returns The offset after the last digit taken, shifted left by `FORM_BITS`, plus the number's form. NOT_PLAIN if
 *   there is no such number. The caller must check that the field ends at the offset.
 */
export function parsePlainNumber(
  bytes: Uint8Array,
  start: number,
  limit: number,
  out: Float64Array,
  index: number,
): number {
  const isNegative = bytes[start] === MINUS;
  const first = start + (isNegative ? 1 : 0);
  let at = first;
  let high = 0;
  let digit: number;
  let groupEnd = Math.min(limit, first + GROUP_DIGITS);
  for (; at < groupEnd; at++) {
    digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) {
      break;
    }
    high = (high * 10 + digit) | 0;
  }
  const wholeEnd = at;
  const hasLeadingZero = bytes[first] === ZERO && wholeEnd > first + 1;
  if (hasLeadingZero || wholeEnd === first) {
    return NOT_PLAIN;
  }
  const isDecimal = wholeEnd < limit && bytes[wholeEnd] === POINT;
  if (isDecimal) {
    do {
      at++;
    } while (high === 0 && at < limit && bytes[at] === ZERO);
    groupEnd = Math.min(limit, GROUP_DIGITS + (high === 0 ? at : first + 1));
    for (; at < groupEnd; at++) {
      digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) {
        break;
      }
      high = (high * 10 + digit) | 0;
    }
  }
  const lowStart = at;
  let low = 0;
  if (at === groupEnd) {
    groupEnd = Math.min(limit, at + (isDecimal ? GROUP_DIGITS : MAX_INTEGER_DIGITS - GROUP_DIGITS));
    for (; at < groupEnd; at++) {
      digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) {
        break;
      }
      low = (low * 10 + digit) | 0;
    }
  }
  const scaled = high * POWERS_OF_TEN[at - lowStart]!;
  const digits = scaled + low;
  const decimals = isDecimal ? at - wholeEnd - 1 : 0;
  if (decimals > MAX_EXACT_EXPONENT || (isDecimal && decimals === 0) || (isNegative && digits === 0)) {
    return NOT_PLAIN;
  }
  const power = POWERS_OF_TEN[decimals]!;
  const sign = isNegative ? -1 : 1;
  if (digits < TWO_TO_53) {
    out[index] = (sign * digits) / power;
  } else if (!divideExactly(sign * digits, sign * (low - (digits - scaled)), power, out, index)) {
    return NOT_PLAIN;
  }
  const isPadded = isDecimal && bytes[at - 1] === ZERO;
  const form = decimals > MAX_FORM_DECIMALS ? UNKNOWN_FORM : isPadded ? decimals | PADDED_FORM : decimals;
  return (at << FORM_BITS) | form;
}

/** Whether a byte occurs in plain numbers, and therefore ends none of them. */
export function isInPlainNumbers(byte: number): boolean {
  return byte === MINUS || byte === POINT || (byte >= ZERO && byte <= NINE);
}

/**
 * Parse the number `bytes[start, end)` of any form into `out[index]`.
 *
 * Accepted forms are JavaScript's own, and `.5`, `5.`, `1E5`, `inf` and `nan`, with spaces around them. A field with a
 * leading zero or plus is a code (a product, a telephone number), and codes are text.
 *
 * @returns A kind of number, as `parseNumber` does.
 */
export function parseUnusualNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Float64Array,
  index: number,
): number {
  let from = start;
  let to = end;
  while (from < to && bytes[from] === SPACE) {
    from++;
  }
  while (to > from && bytes[to - 1] === SPACE) {
    to--;
  }
  if (parseScientific(bytes, from, to, out, index)) {
    return DECIMAL;
  }
  if (!mayBeNumber(bytes, from, to)) {
    return NOT_A_NUMBER;
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
  const notFinite = NOT_FINITE.get(text);
  if (notFinite !== undefined) {
    out[index] = notFinite;
    return DECIMAL;
  }
  if (!NUMBER_PATTERN.test(text)) {
    return NOT_A_NUMBER;
  }
  const value = Number(text);
  out[index] = value;
  if (!DIGITS_PATTERN.test(text) || Object.is(value, -0)) {
    return DECIMAL;
  }
  if (Number.isSafeInteger(value)) {
    return INTEGER;
  }
  const integer = BigInt(text);
  return integer <= MAX_EXACT_INTEGER && integer >= -MAX_EXACT_INTEGER ? INTEGER : LARGE_INTEGER;
}

/**
 * Parse a number such as `1.5e-7` into `out[index]`, exactly, if it has up to about 15 digits and an exponent not far
 * from 0. `Number` takes ten times as long.
 *
 * @returns False if the field is no such number. It may still be a number of another form.
 * @see W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990
 */
function parseScientific(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Float64Array,
  index: number,
): boolean {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  let digits = 0;
  let point = -1;
  let at = first;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= ZERO && byte <= NINE) {
      digits = digits * 10 + byte - ZERO;
    } else if (byte === POINT && point < 0) {
      point = at;
    } else {
      break;
    }
  }
  const whole = (point < 0 ? at : point) - first;
  const isCode = whole > 1 && bytes[first] === ZERO;
  // Digits below 2^53 are exact in a double.
  if (whole === 0 || isCode || digits >= TWO_TO_53 || (bytes[at]! | LOWER_CASE_BIT) !== LOWER_E) {
    return false;
  }
  const exponent = parseExponent(bytes, at + 1, end);
  const power = exponent - (point < 0 ? 0 : at - point - 1);
  if (!(Math.abs(power) <= MAX_EXACT_EXPONENT)) {
    return false;
  }
  // Digits and power are exact: their product or quotient is rounded once.
  const signed = isNegative ? -digits : digits;
  out[index] = power < 0 ? signed / POWERS_OF_TEN[-power]! : signed * POWERS_OF_TEN[power]!;
  return true;
}

/** The exponent `bytes[start, end)`; NaN if it is malformed or has more than three digits. */
function parseExponent(bytes: Uint8Array, start: number, end: number): number {
  const hasSign = bytes[start] === MINUS || bytes[start] === PLUS;
  const first = hasSign ? start + 1 : start;
  if (first >= end || end - first > MAX_EXPONENT_DIGITS) {
    return NaN;
  }
  let exponent = 0;
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) {
      return NaN;
    }
    exponent = exponent * 10 + digit;
  }
  return bytes[start] === MINUS ? -exponent : exponent;
}

/** Distinguish most text (also dates and hexadecimal codes) from numbers, without making a string of it. */
export function mayBeNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || end - start > MAX_NUMBER_LENGTH) {
    return false;
  }
  const first = bytes[start]!;
  const letters = first === MINUS ? start + 1 : start;
  const letter = bytes[letters]! | LOWER_CASE_BIT;
  if (letter === LOWER_I || letter === LOWER_N) {
    const next = bytes[letters + 1]! | LOWER_CASE_BIT;
    return end - start <= MAX_NOT_FINITE_LENGTH && next === (letter === LOWER_I ? LOWER_N : LOWER_A);
  }
  if (first === PLUS) {
    return false;
  }
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (NUMERIC_BYTES[byte] === 0) {
      return false;
    }
    const isSign = byte === MINUS || byte === PLUS;
    if (isSign && at > start && (bytes[at - 1]! | LOWER_CASE_BIT) !== LOWER_E) {
      return false;
    }
  }
  return true;
}
