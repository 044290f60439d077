import { MAX_POWER, POWERS_OF_TEN } from "./powers-of-ten.js";

const ZERO = 48;
const NINE = 57;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const LOWER_E = 101;
/** Digits below are exact in a double. */
const MAX_DIGITS = 2 ** 53;
const MAX_EXPONENT_DIGITS = 3;

/**
 * Parse the number `bytes[start, end)` into `out[index]`, exactly, if it is one such as `1.5e-7`: of up to 15 digits or so, and
 * an exponent not far from 0. Those of `Number` take ten times as long.
 *
 * @returns Whether it is one; else it may be a number all the same.
 * @see W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990
 */
export function parseScientific(
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
    if (byte >= ZERO && byte <= NINE) digits = digits * 10 + byte - ZERO;
    else if (byte === POINT && point < 0) point = at;
    else break;
  }
  const whole = (point < 0 ? at : point) - first;
  const isCode = whole > 1 && bytes[first] === ZERO;
  if (whole === 0 || isCode || digits >= MAX_DIGITS || (bytes[at]! | 0x20) !== LOWER_E) return false;
  const exponent = exponentOf(bytes, at + 1, end);
  const power = exponent - (point < 0 ? 0 : at - point - 1);
  if (!(Math.abs(power) <= MAX_POWER)) return false;
  // Digits and power are exact: their product or quotient is rounded once.
  const signed = isNegative ? -digits : digits;
  out[index] = power < 0 ? signed / POWERS_OF_TEN[-power]! : signed * POWERS_OF_TEN[power]!;
  return true;
}

/** The exponent `bytes[start, end)`; NaN where it is none, or has many digits. */
function exponentOf(bytes: Uint8Array, start: number, end: number): number {
  const hasSign = bytes[start] === MINUS || bytes[start] === PLUS;
  const first = hasSign ? start + 1 : start;
  if (first >= end || end - first > MAX_EXPONENT_DIGITS) return NaN;
  let exponent = 0;
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    exponent = exponent * 10 + digit;
  }
  return bytes[start] === MINUS ? -exponent : exponent;
}
