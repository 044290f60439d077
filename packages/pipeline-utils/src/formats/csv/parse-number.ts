import { divideExactly } from "./divide-exactly.js";
import { DECIMAL, INTEGER, parseUnusualNumber } from "./parse-unusual-number.js";

export { DECIMAL, INTEGER, LARGE_INTEGER, NOT_A_NUMBER } from "./parse-unusual-number.js";

const ZERO = 48;
const POINT = 46;
const MINUS = 45;
const TWO_TO_53 = 9007199254740992;
/** The greatest power of ten that a double holds exactly. */
const MAX_DECIMALS = 22;
const POWERS = Float64Array.from({ length: MAX_DECIMALS + 1 }, (_, exponent) => Number(`1e${exponent}`));
/** As many digits fit an int32, and two such groups with a power of ten between them are exact in doubles. */
const GROUP = 9;
/** Digits of which every integer is exact in a double. */
const MAX_INTEGER = 15;

/**
 * Parse the number `bytes[start, end)` into `out[index]`, exactly: the value is that of `Number(text)`.
 *
 * Here are the forms that nearly all numbers have: integers of up to 15 digits, and decimals of up to 18 digits with up to
 * 9 of them before the point. A decimal's digits make two integers, whose sum over a power of ten is rounded once. What
 * has another form goes to `parseUnusualNumber`, which also says what a number is.
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
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  let at = first;
  let high = 0;
  let digit: number;
  let limit = Math.min(end, first + GROUP);
  for (; at < limit; at++) {
    digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    high = (high * 10 + digit) | 0;
  }
  const hasLeadingZero = bytes[first] === ZERO && at > first + 1;
  if (hasLeadingZero || at === first) return parseUnusualNumber(bytes, start, end, out, index);
  if (at === end) {
    if (isNegative && high === 0) return parseUnusualNumber(bytes, start, end, out, index);
    out[index] = isNegative ? -high : high;
    return INTEGER;
  }
  if (bytes[at] !== POINT) {
    const rest = at === limit && end - first <= MAX_INTEGER ? parseDigits(bytes, at, end) : -1;
    if (rest < 0) return parseUnusualNumber(bytes, start, end, out, index);
    const value = high * POWERS[end - at]! + rest;
    out[index] = isNegative ? -value : value;
    return INTEGER;
  }

  const decimals = end - at - 1;
  at++;
  if (high === 0) while (at < end && bytes[at] === ZERO) at++;
  limit = Math.min(end, high === 0 ? at + GROUP : first + GROUP + 1);
  for (; at < limit; at++) {
    digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return parseUnusualNumber(bytes, start, end, out, index);
    high = (high * 10 + digit) | 0;
  }
  const lowDigits = end - at;
  const low = lowDigits <= GROUP && decimals <= MAX_DECIMALS ? parseDigits(bytes, at, end) : -1;
  if (low < 0) return parseUnusualNumber(bytes, start, end, out, index);
  const scaled = high * POWERS[lowDigits]!;
  const digits = scaled + low;
  const power = POWERS[decimals]!;
  if (digits < TWO_TO_53) out[index] = digits / power;
  else if (!divideExactly(digits, low - (digits - scaled), power, out, index)) {
    return parseUnusualNumber(bytes, start, end, out, index);
  }
  if (isNegative) out[index] = -out[index]!;
  return DECIMAL;
}

/** The integer of up to 9 digits in `bytes[start, end)`, or -1 where there is another byte. */
function parseDigits(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = (value * 10 + digit) | 0;
  }
  return value;
}
