import type { Arena, ArrayType } from "./column-memory.js";
import type { Validity } from "./validity.js";
import { hasValue } from "./validity.js";

/** Numbers in few bytes. Each equals an item of `values` divided by `divisor`, exactly. */
export interface CompactNumbers {
  readonly values: Int8Array | Int16Array | Int32Array | Float64Array;
  /** A power of ten; 1 for integers and for Float64. */
  readonly divisor: number;
}

/** Numbers of up to four decimals, which may fit an Int16, are multiplied by each of these in turn. */
const DIVISORS = [10, 100, 1_000, 10_000] as const;
/** Values to sample. The first ones nearly always show whether all are integers or short decimals. */
const SAMPLE_VALUES = 64;

/**
 * Copy numbers into the fewest bytes, to keep them until the table is made. Short fields such as `7` and `1.5` take
 * several times their bytes as Float64.
 *
 * @param short - Memory for the copy.
 * @param long - Memory for the copy if it is a Float64Array.
 */
export function compactNumbers(values: Float64Array, short: Arena, long: Arena): CompactNumbers {
  const type = integerTypeOf(values);
  if (type !== undefined) {
    return { values: short.copy(type, values), divisor: 1 };
  }
  for (const divisor of DIVISORS) {
    const isCandidate = decimalTypeOf(values.subarray(0, SAMPLE_VALUES), divisor) !== undefined;
    const type = isCandidate ? decimalTypeOf(values, divisor) : undefined;
    if (type === undefined) {
      continue;
    }
    const decimals = short.array(type, values.length);
    for (let row = 0; row < values.length; row++) {
      decimals[row] = Math.round(values[row]! * divisor);
    }
    return { values: decimals, divisor };
  }
  return { values: long.copy(Float64Array, values), divisor: 1 };
}

/** Whether more than half of the rows are null; then only the other values are kept until the table is built. */
export function isSparse(rows: number, { nullCount }: Validity): boolean {
  return 2 * nullCount > rows;
}

/** The values of the rows that are not null. */
export function withoutNulls(values: Float64Array, { nullCount, nullBitmap }: Validity): Float64Array {
  const kept = new Float64Array(values.length - nullCount);
  let used = 0;
  for (let row = 0; used < kept.length; row++) {
    if (nullBitmap === undefined || hasValue(nullBitmap, row)) {
      kept[used++] = values[row]!;
    }
  }
  return kept;
}

/** Put the values of the rows that are not null in their places, and zeros in the places of nulls. */
export function spread(
  kept: CompactNumbers["values"],
  rows: Int32Array | Float64Array,
  { nullBitmap }: Validity,
): void {
  rows.fill(0);
  let used = 0;
  for (let row = 0; used < kept.length; row++) {
    if (nullBitmap === undefined || hasValue(nullBitmap, row)) {
      rows[row] = kept[used++]!;
    }
  }
}

/** The narrowest integer type of up to 32 bits that holds all values; undefined if no type does. */
function integerTypeOf(values: Float64Array): ArrayType<Int8Array | Int16Array | Int32Array> | undefined {
  let least = 0;
  let most = 0;
  for (const value of values) {
    // -0 and NaN differ too: no integer type has them.
    if (!Object.is(value, value | 0)) {
      return undefined;
    }
    if (value < least) {
      least = value;
    } else if (value > most) {
      most = value;
    }
  }
  if (least >= -0x80 && most < 0x80) {
    return Int8Array;
  }
  return least >= -0x8000 && most < 0x8000 ? Int16Array : Int32Array;
}

/**
 * The narrowest integer type of up to 16 bits that holds all values times the divisor; undefined if no type does.
 *
 * Dividing the integer by the divisor gives the same double as parsing the text.
 */
function decimalTypeOf(values: Float64Array, divisor: number): ArrayType<Int8Array | Int16Array> | undefined {
  let most = 0;
  for (const value of values) {
    const scaled = Math.round(value * divisor);
    if (scaled / divisor !== value || Math.abs(scaled) >= 0x8000 || Object.is(scaled, -0)) {
      return undefined;
    }
    if (Math.abs(scaled) > most) {
      most = Math.abs(scaled);
    }
  }
  return most < 0x80 ? Int8Array : Int16Array;
}
