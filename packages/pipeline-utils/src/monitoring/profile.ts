import type { Feature, Target } from "../aws/models/feature.js";

/** The values of a numeric column. */
export type NumberProfile = Readonly<{
  type: "number";
  /** Rows with a value. */
  count: number;
  /** Rows without a value. */
  nulls: number;
  minimum: number;
  maximum: number;
  mean: number;
  /** Of the sample, as pandas: divided by count - 1. 0 for one row. */
  standard_deviation: number;
  median: number;
  /** The nine deciles by linear interpolation, as pandas; equal ones once, so at most nine edges, ascending. */
  deciles: readonly number[];
  /** One count more than there are edges: rows up to the first edge, above it up to the second, …, above the last. */
  counts: readonly number[];
}>;

/** The values of a category or boolean column. */
export type CategoryProfile = Readonly<{
  type: "category" | "boolean";
  count: number;
  nulls: number;
  /** Rows of the most frequent values; a boolean's are `true` and `false`. At most 49 values, and 900 bytes of JSON. */
  counts: Readonly<Record<string, number>>;
  /** Rows of all values that `counts` has no room for. */
  other: number;
}>;

/** The values of one column, in at most 1 kB of JSON. */
export type ColumnProfile = NumberProfile | CategoryProfile;

/** `metadata.profile` of a model: the data that it was trained on, and its predictions for the held-out rows. */
export type ModelProfile = Readonly<{
  /** By name; of the training rows. */
  features: Readonly<Record<string, ColumnProfile>>;
  /** Of the training rows. */
  target: ColumnProfile;
  /** For the held-out rows. */
  predictions: ColumnProfile;
}>;

/** As many bins as drift is measured in, the one for `other` aside. */
const MAX_CATEGORIES = 49;
/** Leaves room for the other fields in 1 kB. */
const MAX_COUNTS_BYTES = 900;

/**
 * Describe the values of one column.
 *
 * @param values - One number a row, as `ModelClass.predict` takes them: a category as its index, a boolean as 0 or 1. NaN is a
 *   row without a value.
 * @throws {RangeError} No row has a value.
 */
export function profileColumn(values: ArrayLike<number>, column: Feature | Target): ColumnProfile {
  const all = Float64Array.from(values);
  const present = all.filter((value) => !Number.isNaN(value));
  if (present.length === 0) {
    throw new RangeError(`column ${column.name} has no values among ${all.length} rows`);
  }
  const nulls = all.length - present.length;
  return column.type === "number"
    ? profileNumbers(present.sort(), nulls)
    : profileCategories(present, nulls, column);
}

function profileNumbers(sorted: Float64Array, nulls: number): NumberProfile {
  const count = sorted.length;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deciles = [...new Set([1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenth) => quantile(sorted, tenth / 10)))];
  const counts = Array.from({ length: deciles.length + 1 }, () => 0);
  let bin = 0;
  for (const value of sorted) {
    while (value > (deciles[bin] ?? Infinity)) {
      bin += 1;
    }
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return {
    type: "number",
    count,
    nulls,
    minimum: quantile(sorted, 0),
    maximum: quantile(sorted, 1),
    mean,
    standard_deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0,
    median: quantile(sorted, 0.5),
    deciles,
    counts,
  };
}

/**
 * Linear interpolation between the two nearest ranks, to the last bit as numpy and pandas do by default.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.quantile.html
 */
function quantile(sorted: Float64Array, share: number): number {
  const rank = (sorted.length - 1) * share;
  const below = sorted[Math.floor(rank)] ?? NaN;
  const above = sorted[Math.ceil(rank)] ?? NaN;
  const part = rank - Math.floor(rank);
  // numpy counts from the nearer rank.
  return part < 0.5 ? below + (above - below) * part : above - (above - below) * (1 - part);
}

function profileCategories(
  present: Float64Array,
  nulls: number,
  column: Exclude<Feature | Target, { type: "number" }>,
): CategoryProfile {
  const names = column.type === "category" ? column.categories : ["false", "true"];
  const rows = names.map(() => 0);
  for (const index of present) {
    if (rows[index] === undefined) {
      throw new RangeError(`column ${column.name} holds ${index}, expected an index below ${names.length}`);
    }
    rows[index] += 1;
  }
  const frequent = names.map((name, index) => ({ name, count: rows[index] ?? 0 }));
  frequent.sort((a, b) => b.count - a.count);
  const counts: [string, number][] = [];
  let bytes = 0;
  let other = 0;
  for (const { name, count } of frequent) {
    bytes += Buffer.byteLength(JSON.stringify({ [name]: count }));
    if (counts.length < MAX_CATEGORIES && bytes <= MAX_COUNTS_BYTES) {
      counts.push([name, count]);
    } else {
      other += count;
    }
  }
  return { type: column.type, count: present.length, nulls, counts: Object.fromEntries(counts), other };
}

/** What a profile is made of: columns as numbers, in the order of the features. */
export interface ProfiledData {
  readonly features: readonly Feature[];
  readonly target: Target;
  readonly train: { readonly columns: readonly ArrayLike<number>[]; readonly target: ArrayLike<number> };
  /** For the held-out rows. */
  readonly predictions: ArrayLike<number>;
}

/** Make a model's `metadata.profile`. */
export function profileModel({ features, target, train, predictions }: ProfiledData): ModelProfile {
  const columns = features.map((feature, index): [string, ColumnProfile] => [
    feature.name,
    profileColumn(train.columns[index] ?? [], feature),
  ]);
  return {
    features: Object.fromEntries(columns),
    target: profileColumn(train.target, target),
    predictions: profileColumn(predictions, target),
  };
}
