import { isArrowVector, isTyped, readArrowNumbers } from "./arrow-column.js";
import { argumentError } from "./options.js";

/**
 * One column of numbers: a typed array, a plain array, or an Apache Arrow vector (anything with `toArray`).
 * Values are in row order. Arrow's integers, floats and decimals are read by value, up to 2^53. A vector with nulls is
 * rejected: its `toArray` would give numbers for them.
 */
export type Column =
  ArrayLike<number> | { readonly nullCount?: number; toArray(): ArrayLike<number | bigint> };

/** Maximum magnitude of a label. The sum of billions of such labels still has a finite square. */
const MAX_LABEL = 1e140;

/** Bounds of a positive weight. Products of sums of such weights and labels stay finite, and above 0. */
const MIN_WEIGHT = 1e-12;
const MAX_WEIGHT = 1e6;

/**
 * Read feature columns as scikit-learn does: rounded to 32-bit floats, `-0` as `0`.
 *
 * @param columns - One entry per feature, all of one length.
 * @param rows - The length of every column; default: that of the first column.
 * @throws {RangeError} No column, no row, columns of different lengths, NaN, infinity or a value beyond 32-bit floats.
 * @throws {TypeError} Something that is not a column of numbers, or a column with nulls.
 */
export function readFeatures(columns: readonly Column[], rows?: number): Float32Array[] {
  return readEach(columns, rows, readFloat32);
}

/**
 * Read feature columns as they are: 64-bit floats, including NaN and infinities.
 *
 * @param rows - The length of every column.
 * @throws {RangeError} No column, no row, columns of different lengths.
 * @throws {TypeError} Something that is not a column of numbers, or a column with nulls.
 */
export function readExactFeatures(columns: readonly Column[], rows: number): Float64Array[] {
  return readEach(columns, rows, (numbers, index) => toDoubles(numbers, `X column ${index}`));
}

function readEach<T extends { readonly length: number }>(
  columns: readonly Column[],
  rows: number | undefined,
  read: (numbers: ArrayLike<unknown>, index: number) => T,
): T[] {
  if (!(columns instanceof Array)) {
    throw new TypeError("X must be an array of columns, one per feature");
  }
  if (columns.length === 0) {
    throw new RangeError("X has 0 feature(s) while a minimum of 1 is required");
  }
  const features = columns.map((column, index) => read(toArrayLike(column, `X column ${index}`), index));
  const expected = rows ?? features[0]!.length;
  if (expected === 0) {
    throw new RangeError("X has 0 sample(s) while a minimum of 1 is required");
  }
  features.forEach((feature, index) => {
    if (feature.length !== expected) {
      throw new RangeError(`X column ${index} has ${feature.length} rows, expected ${expected}`);
    }
  });
  return features;
}

/**
 * Read labels as 64-bit floats, `-0` as `0`.
 *
 * @param name - Name of the column in messages.
 * @throws {RangeError} NaN, infinity, or a number beyond ±1e140.
 * @throws {TypeError} Not a column of numbers, or a column with nulls.
 */
export function readLabels(column: Column, name = "y"): Float64Array {
  const labels = toDoubles(toArrayLike(column, name), name);
  for (let row = 0; row < labels.length; row++) {
    const value = labels[row]!;
    if (value - value !== 0) {
      throw new RangeError(`${name} contains ${nameOf(value)}: row ${row}`);
    }
    if (Math.abs(value) > MAX_LABEL) {
      throw new RangeError(
        `${name} row ${row} is ${value}: labels beyond ±1e140 overflow when their sums are squared`,
      );
    }
    labels[row] = value + 0;
  }
  return labels;
}

/**
 * Read sample weights.
 *
 * @param rows - The number of labels.
 * @throws {RangeError} Another number of rows, no positive weight, or a weight other than 0 and 1e-12 to 1e6.
 * @throws {TypeError} Not a column of numbers, or a column with nulls.
 */
export function readWeights(column: Column, rows: number): Float64Array {
  const weights = toDoubles(toArrayLike(column, "sampleWeight"), "sampleWeight");
  if (weights.length !== rows) {
    throw new RangeError(`sampleWeight has ${weights.length} rows, expected ${rows}`);
  }
  for (let row = 0; row < rows; row++) {
    const weight = weights[row]!;
    if (weight !== 0 && !(weight >= MIN_WEIGHT && weight <= MAX_WEIGHT)) {
      throw new RangeError(`sampleWeight row ${row} is ${weight}, expected 0 or a number from 1e-12 to 1e6`);
    }
  }
  if (weights.every((weight) => weight === 0)) {
    throw new RangeError("sampleWeight has no positive weight");
  }
  return weights;
}

function readFloat32(numbers: ArrayLike<unknown>, index: number): Float32Array {
  const exact = isTyped(numbers) ? numbers : toDoubles(numbers, `X column ${index}`);
  const feature = new Float32Array(exact);
  for (let row = 0; row < feature.length; row++) {
    const value = feature[row]!;
    // Infinity - Infinity and NaN - NaN are NaN, which is not equal to itself. One test therefore finds both.
    if (value - value !== 0) {
      throw new RangeError(`X contains ${nameOf(exact[row]!)}: column ${index}, row ${row}`);
    }
    feature[row] = value + 0;
  }
  return feature;
}

function nameOf(value: number): string {
  if (Number.isFinite(value)) {
    return `a value too large for float32, ${value}`;
  }
  return Number.isNaN(value) ? "NaN" : "infinity";
}

/** A copy as 64-bit floats. */
function toDoubles(numbers: ArrayLike<unknown>, name: string): Float64Array {
  if (isTyped(numbers)) {
    return new Float64Array(numbers);
  }
  const doubles = new Float64Array(numbers.length);
  for (let row = 0; row < doubles.length; row++) {
    const value = numbers[row];
    if (typeof value !== "number") {
      throw new TypeError(
        `${name} row ${row} is ${value === null ? "null" : typeof value}, expected a number`,
      );
    }
    doubles[row] = value;
  }
  return doubles;
}

/** The values of a column, which a caller without types may fill with text, bigints or holes. */
function toArrayLike(column: Column, name: string): ArrayLike<unknown> {
  const given: unknown = column;
  if (typeof given !== "object" || given === null) {
    throw argumentError(name, given, "a column of numbers");
  }
  if ("toArray" in column) {
    const nulls = column.nullCount ?? 0;
    if (nulls > 0) {
      throw new TypeError(`${name} contains ${nulls} missing value(s)`);
    }
    return isArrowVector(column) ? readArrowNumbers(column, name) : column.toArray();
  }
  if (!Number.isInteger(column.length)) {
    throw new TypeError(`${name} has no length, expected a column of numbers`);
  }
  return column;
}
