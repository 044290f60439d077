import { divideExactly } from "./divide-exactly.js";
import { formOf, MAX_DECIMALS_TOLD, UNTOLD } from "./number-form.js";
import { DECIMAL, INTEGER, parseUnusualNumber } from "./parse-unusual-number.js";
import { MAX_POWER, POWERS_OF_TEN } from "./powers-of-ten.js";

export { DECIMAL, INTEGER, LARGE_INTEGER, NOT_A_NUMBER } from "./parse-unusual-number.js";

const ZERO = 48;
const POINT = 46;
const MINUS = 45;
const TWO_TO_53 = 9007199254740992;
/** As many digits fit an int32, and two such groups with a power of ten between them are exact in doubles. */
const GROUP = 9;
/** Digits of which every integer is exact in a double. */
const MAX_INTEGER = 15;

/** What `parsePlainNumber` returns where it has parsed nothing. */
export const NOT_PLAIN = -1;
/** Bits of what it returns that tell the form. */
export const FORM_BITS = 5;
const FORM_MASK = (1 << FORM_BITS) - 1;

/**
 * Parse the number `bytes[start, end)` into `out[index]`, exactly: the value is that of `Number(text)`.
 *
 * The result goes into an array because a function that returns a double makes an object for it.
 *
 * @returns INTEGER, DECIMAL, LARGE_INTEGER, or NOT_A_NUMBER, of which `out[index]` is without meaning.
 */
export function parseNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Float64Array,
  index: number,
): number {
  const parsed = parsePlainNumber(bytes, start, end, out, index);
  if (parsed !== NOT_PLAIN && parsed >> FORM_BITS === end)
    return (parsed & FORM_MASK) === 0 ? INTEGER : DECIMAL;
  return parseUnusualNumber(bytes, start, end, out, index);
}

/**
 * Parse the digits from `bytes[start]` on into `out[index]`, in the forms that nearly all numbers have: integers of up to
 * 15 digits, and decimals of up to 18 digits with 1 to 9 of them before the point and at least one after it. A decimal's
 * digits make two integers, whose sum over a power of ten is rounded once.
 *
 * @param limit - Where the bytes end; a number that is longer than these forms is parsed in part.
 * @returns The offset after the last digit taken, above `FORM_BITS` bits of the number's form; NOT_PLAIN where there is no
 *   such number. It is for the caller to see whether the field ends there.
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
  let groupEnd = Math.min(limit, first + GROUP);
  for (; at < groupEnd; at++) {
    digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    high = (high * 10 + digit) | 0;
  }
  const wholeEnd = at;
  const hasLeadingZero = bytes[first] === ZERO && wholeEnd > first + 1;
  if (hasLeadingZero || wholeEnd === first) return NOT_PLAIN;
  const isDecimal = wholeEnd < limit && bytes[wholeEnd] === POINT;
  if (isDecimal) {
    do at++;
    while (high === 0 && at < limit && bytes[at] === ZERO);
    groupEnd = Math.min(limit, GROUP + (high === 0 ? at : first + 1));
    for (; at < groupEnd; at++) {
      digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      high = (high * 10 + digit) | 0;
    }
  }
  const lowStart = at;
  let low = 0;
  if (at === groupEnd) {
    groupEnd = Math.min(limit, at + (isDecimal ? GROUP : MAX_INTEGER - GROUP));
    for (; at < groupEnd; at++) {
      digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      low = (low * 10 + digit) | 0;
    }
  }
  const scaled = high * POWERS_OF_TEN[at - lowStart]!;
  const digits = scaled + low;
  const decimals = isDecimal ? at - wholeEnd - 1 : 0;
  if (decimals > MAX_POWER || (isDecimal && decimals === 0) || (isNegative && digits === 0)) return NOT_PLAIN;
  const power = POWERS_OF_TEN[decimals]!;
  const sign = isNegative ? -1 : 1;
  if (digits < TWO_TO_53) out[index] = (sign * digits) / power;
  else if (!divideExactly(sign * digits, sign * (low - (digits - scaled)), power, out, index))
    return NOT_PLAIN;
  const form = decimals > MAX_DECIMALS_TOLD ? UNTOLD : formOf(decimals, isDecimal && bytes[at - 1] === ZERO);
  return (at << FORM_BITS) | form;
}

/** Whether a byte stands in plain numbers, so that it ends none of them. */
export function isInPlainNumbers(byte: number): boolean {
  return byte === MINUS || byte === POINT || (byte >= ZERO && byte <= ZERO + 9);
}
