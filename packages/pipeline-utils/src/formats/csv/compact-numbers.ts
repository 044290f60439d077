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
 * A copy of numbers in the fewest bytes until the file's own bytes are let go of: of fields as short as `7` and `1.5`, a
 * Float64 has several times the bytes.
 */
export function compactNumbers(values: Float64Array): CompactNumbers {
  const integers = narrowedIntegers(values);
  if (integers !== undefined) return { values: integers, divisor: 1 };
  for (const divisor of DIVISORS) {
    const isTried = shortDecimals(values.subarray(0, FIRST), divisor) !== undefined;
    const decimals = isTried ? shortDecimals(values, divisor) : undefined;
    if (decimals !== undefined) return { values: decimals, divisor };
  }
  return { values: values.slice(), divisor: 1 };
}

export function toFloat64({ values, divisor }: CompactNumbers): Float64Array {
  if (values instanceof Float64Array) return values;
  const floats = new Float64Array(values);
  if (divisor !== 1) for (let row = 0; row < floats.length; row++) floats[row]! /= divisor;
  return floats;
}

/** The values as integers of up to 32 bits; undefined where one is something else. */
function narrowedIntegers(values: Float64Array): Int8Array | Int16Array | Int32Array | undefined {
  let least = 0;
  let most = 0;
  for (const value of values) {
    // Not equal too: -0 and NaN, which no integer type has.
    if (!Object.is(value, value | 0)) return undefined;
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  if (least >= -0x80 && most < 0x80) return new Int8Array(values);
  return least >= -0x8000 && most < 0x8000 ? new Int16Array(values) : new Int32Array(values);
}

/** The values times the divisor, if each is an integer of up to 16 bits: over it, that is rounded as the text was. */
function shortDecimals(values: Float64Array, divisor: number): Int8Array | Int16Array | undefined {
  let most = 0;
  for (const value of values) {
    const scaled = Math.round(value * divisor);
    if (scaled / divisor !== value || Math.abs(scaled) >= 0x8000 || Object.is(scaled, -0)) return undefined;
    if (Math.abs(scaled) > most) most = Math.abs(scaled);
  }
  const decimals = most < 0x80 ? new Int8Array(values.length) : new Int16Array(values.length);
  for (let row = 0; row < values.length; row++) decimals[row] = Math.round(values[row]! * divisor);
  return decimals;
}
