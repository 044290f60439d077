import { type Arena, type ArrayType } from "./arena.js";

/** Numbers in few bytes: each is an item of `values` over `divisor`, exactly. */
export interface CompactNumbers {
  readonly values: Int8Array | Int16Array | Int32Array | Float64Array;
  /** A power of ten; 1 of integers and of Float64. */
  readonly divisor: number;
}

/** Powers of ten that decimals of up to four digits, and so an Int16, are tried with. */
const DIVISORS = [10, 100, 1_000, 10_000] as const;
/** The first values tell nearly always whether all are integers, or short decimals. */
const FIRST = 64;

/**
 * A copy of numbers in the fewest bytes, until the table is made: of fields as short as `7` and `1.5`, a Float64 has
 * several times the bytes.
 *
 * @param short - For the copy.
 * @param long - For the copy, if it is of Float64.
 */
export function compactNumbers(values: Float64Array, short: Arena, long: Arena): CompactNumbers {
  const type = typeOfIntegers(values);
  if (type !== undefined) return { values: short.copy(type, values), divisor: 1 };
  for (const divisor of DIVISORS) {
    const isTried = typeOfDecimals(values.subarray(0, FIRST), divisor) !== undefined;
    const type = isTried ? typeOfDecimals(values, divisor) : undefined;
    if (type === undefined) continue;
    const decimals = short.array(type, values.length);
    for (let row = 0; row < values.length; row++) decimals[row] = Math.round(values[row]! * divisor);
    return { values: decimals, divisor };
  }
  return { values: long.copy(Float64Array, values), divisor: 1 };
}

/** The narrowest type of up to 32 bits that has all values; undefined where one is no such integer. */
function typeOfIntegers(values: Float64Array): ArrayType<Int8Array | Int16Array | Int32Array> | undefined {
  let least = 0;
  let most = 0;
  for (const value of values) {
    // Not equal too: -0 and NaN, which no integer type has.
    if (!Object.is(value, value | 0)) return undefined;
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  if (least >= -0x80 && most < 0x80) return Int8Array;
  return least >= -0x8000 && most < 0x8000 ? Int16Array : Int32Array;
}

/**
 * The narrowest type of up to 16 bits that has all values times the divisor: each over it is rounded as the text was.
 */
function typeOfDecimals(
  values: Float64Array,
  divisor: number,
): ArrayType<Int8Array | Int16Array> | undefined {
  let most = 0;
  for (const value of values) {
    const scaled = Math.round(value * divisor);
    if (scaled / divisor !== value || Math.abs(scaled) >= 0x8000 || Object.is(scaled, -0)) return undefined;
    if (Math.abs(scaled) > most) most = Math.abs(scaled);
  }
  return most < 0x80 ? Int8Array : Int16Array;
}
