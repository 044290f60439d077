/**
 * One column of numbers: a typed array, a plain array, or an Apache Arrow vector (anything with `toArray`).
 * Values are in row order. A vector with nulls is refused: its `toArray` would give numbers for them.
 */
export type Column = ArrayLike<number> | { readonly nullCount?: number; toArray(): ArrayLike<number> };

/**
 * Read feature columns as scikit-learn does: rounded to 32-bit floats, `-0` as `0`.
 *
 * @param columns - One entry per feature, all of one length.
 * @param rows - The length every column must have; default: that of the first column.
 * @throws {RangeError} No column, no row, columns of different lengths, NaN, infinity or a value beyond 32-bit floats.
 * @throws {TypeError} Something that is not a column of numbers, or a column with nulls.
 */
export function readFeatures(columns: readonly Column[], rows?: number): Float32Array[] {
  if (!(columns instanceof Array)) throw new TypeError("X must be an array of columns, one per feature");
  if (columns.length === 0) throw new RangeError("X has 0 feature(s) while a minimum of 1 is required");
  const features = columns.map((column, index) =>
    readFloat32(readNumbers(column, `X column ${index}`), index),
  );
  const expected = rows ?? features[0]!.length;
  if (expected === 0) throw new RangeError("X has 0 sample(s) while a minimum of 1 is required");
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
 * @param name - How messages call it.
 * @throws {RangeError} NaN or infinity.
 * @throws {TypeError} Not a column of numbers, or a column with nulls.
 */
export function readLabels(column: Column, name = "y"): Float64Array {
  const numbers = readNumbers(column, name);
  const labels = new Float64Array(numbers.length);
  for (let row = 0; row < labels.length; row++) {
    const value = readNumber(numbers, row, name);
    if (!Number.isFinite(value)) throw new RangeError(`${name} contains ${nameOf(value)}: row ${row}`);
    labels[row] = value + 0;
  }
  return labels;
}

function readFloat32(numbers: ArrayLike<number>, index: number): Float32Array {
  const feature = new Float32Array(numbers.length);
  for (let row = 0; row < feature.length; row++) {
    const value = readNumber(numbers, row, `X column ${index}`);
    feature[row] = value + 0;
    if (!Number.isFinite(feature[row])) {
      const found = Number.isFinite(value) ? `a value too large for float32, ${value}` : nameOf(value);
      throw new RangeError(`X contains ${found}: column ${index}, row ${row}`);
    }
  }
  return feature;
}

/** An `ArrayLike<number>` is a promise of the compiler only: a JavaScript caller may hold text, bigints or holes. */
function readNumber(numbers: ArrayLike<unknown>, row: number, name: string): number {
  const value = numbers[row];
  if (typeof value !== "number") {
    throw new TypeError(`${name} row ${row} is ${value === null ? "null" : typeof value}, expected a number`);
  }
  return value;
}

function readNumbers(column: Column, name: string): ArrayLike<number> {
  if (typeof column !== "object" || (column as unknown) === null) {
    throw new TypeError(`${name} is ${typeof column}, expected a column of numbers`);
  }
  if ("toArray" in column) {
    const nulls = column.nullCount ?? 0;
    if (nulls > 0) throw new TypeError(`${name} contains ${nulls} missing value(s)`);
    return column.toArray();
  }
  if (!Number.isInteger(column.length))
    throw new TypeError(`${name} has no length, expected a column of numbers`);
  return column;
}

function nameOf(value: number): string {
  return Number.isNaN(value) ? "NaN" : "infinity";
}
