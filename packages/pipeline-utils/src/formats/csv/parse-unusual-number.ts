import { parseScientific } from "./parse-scientific.js";
import { mayBeNumber } from "./may-be-number.js";

/** What a field is, as a number. */
export const NOT_A_NUMBER = 0;
/** An integer that a double holds exactly: its magnitude is at most 2^53. */
export const INTEGER = 1;
/** A number with a point or an exponent, NaN, an infinity, or -0, which no integer type holds. */
export const DECIMAL = 2;
/** An integer beyond 2^53, of which a double may hold a neighbour only. */
export const LARGE_INTEGER = 3;

const SPACE = 32;
const NUMBER = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const DIGITS = /^-?\d+$/;
const LARGEST_INTEGER = 2n ** 53n;
const NOT_FINITE = new Map([
  ["NaN", NaN],
  ["nan", NaN],
  ["Infinity", Infinity],
  ["inf", Infinity],
  ["-Infinity", -Infinity],
  ["-inf", -Infinity],
]);
/**
 * Parse the number `bytes[start, end)` into `out[index]`, whatever its form.
 *
 * A number is written as JavaScript writes it, or as `.5`, `5.`, `1E5`, `inf` or `nan`; spaces may stand around it. With
 * a leading zero or plus it is a code (a product, a telephone), which is text.
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
  while (from < to && bytes[from] === SPACE) from++;
  while (to > from && bytes[to - 1] === SPACE) to--;
  if (parseScientific(bytes, from, to, out, index)) return DECIMAL;
  if (!mayBeNumber(bytes, from, to)) return NOT_A_NUMBER;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
  const notFinite = NOT_FINITE.get(text);
  if (notFinite !== undefined) {
    out[index] = notFinite;
    return DECIMAL;
  }
  if (!NUMBER.test(text)) return NOT_A_NUMBER;
  const value = Number(text);
  out[index] = value;
  if (!DIGITS.test(text) || Object.is(value, -0)) return DECIMAL;
  if (Number.isSafeInteger(value)) return INTEGER;
  const integer = BigInt(text);
  return integer <= LARGEST_INTEGER && integer >= -LARGEST_INTEGER ? INTEGER : LARGE_INTEGER;
}
