import { checkOptions } from "../argument-error.js";
import type { OptionKinds } from "../argument-error.js";
import type { Feature, Target } from "../aws/models/feature.js";
import { isJsonObject } from "../aws/models/json-value.js";
import type { JsonObject, JsonValue } from "../aws/models/json-value.js";

/** Summary of a numeric column. */
export type NumberProfile = Readonly<{
  type: "number";
  /** Rows with a value. */
  count: number;
  /** Rows without a value. */
  nulls: number;
  minimum: number;
  maximum: number;
  mean: number;
  /** Sample standard deviation, divided by count - 1 as in pandas; 0 for one row. */
  standard_deviation: number;
  median: number;
  /** The nine deciles by linear interpolation, as in pandas, ascending. Equal deciles occur once. */
  deciles: readonly number[];
  /**
   * Rows per bin; one more than `deciles`. Bins: up to the first edge, above it up to the second, …, above the last.
   */
  counts: readonly number[];
}>;

/** Summary of a category or boolean column. */
export type CategoryProfile = Readonly<{
  type: "category" | "boolean";
  count: number;
  nulls: number;
  /**
   * Rows per value, for the most frequent values. A boolean has `true` and `false`. At most 49 values and 900 bytes of
   * JSON.
   */
  counts: Readonly<Record<string, number>>;
  /** Rows of all values that `counts` leaves out. */
  other: number;
}>;

/** Summary of one column, in at most 1 kB of JSON. */
export type ColumnProfile = NumberProfile | CategoryProfile;

/** `metadata.profile` of a model: its training data, and its predictions for the held-out rows. */
export type ModelProfile = Readonly<{
  /** Profiles of the training rows, by feature name. */
  features: Readonly<Record<string, ColumnProfile>>;
  /** Profile of the training rows. */
  target: ColumnProfile;
  /** Profile of the predictions for the held-out rows. */
  predictions: ColumnProfile;
}>;

/** Limit of the values in `counts`. Together with `other` these are 50 bins in which to compare distributions. */
const MAX_CATEGORIES = 49;
/** Leaves room for the other fields within 1 kB. */
const MAX_COUNTS_BYTES = 900;

/**
 * Summarise the values of one column.
 *
 * @param values - One number per row, as `ModelClass.predict` takes them: a category as its index, a boolean as 0 or 1.
 *   NaN is a missing value.
 * @throws {RangeError} No row has a value, or a value is no index of a category.
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
 * Linear interpolation between the two nearest ranks. The result equals the default of numpy and pandas to the last
 * bit.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.quantile.html
 */
function quantile(sorted: Float64Array, share: number): number {
  const rank = (sorted.length - 1) * share;
  const below = sorted[Math.floor(rank)] ?? NaN;
  const above = sorted[Math.ceil(rank)] ?? NaN;
  const part = rank - Math.floor(rank);
  // numpy interpolates from the nearer rank.
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

/** The data for a model's profile. Columns hold numbers, in the order of the features. */
export interface ProfiledData {
  readonly features: readonly Feature[];
  readonly target: Target;
  readonly train: { readonly columns: readonly ArrayLike<number>[]; readonly target: ArrayLike<number> };
  /** Predictions for the held-out rows. */
  readonly predictions: ArrayLike<number>;
}

const PROFILED_DATA: OptionKinds<ProfiledData> = {
  features: "other",
  target: "object",
  train: "object",
  predictions: "other",
};

/**
 * Make a model's `metadata.profile`.
 *
 * @throws {TypeError} The data are no object, or have an unknown name, in a caller without types.
 * @throws {RangeError} A column has no values, or holds a number that is no index of a category.
 */
export function profileModel(data: ProfiledData): ModelProfile {
  checkOptions(data, PROFILED_DATA, "data");
  const { features, target, train, predictions } = data;
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

/** The columns that `metadata.profile` of a model describes; undefined for the others. */
export interface ReadProfile {
  /** In the order of the features. */
  readonly features: readonly (ColumnProfile | undefined)[];
  readonly target: ColumnProfile | undefined;
  readonly predictions: ColumnProfile | undefined;
}

/**
 * Read `metadata.profile` of a model.
 *
 * @param profile - Untrusted JSON. A column's part is ignored unless it is what `profileColumn` makes of such a column.
 * @param target - Default: none, as in models that were written without.
 */
export function readProfile(
  profile: JsonValue | undefined,
  features: readonly Feature[],
  target?: Target,
): ReadProfile {
  const columns = own(profile, "features");
  return {
    features: features.map((feature) => readColumnProfile(own(columns, feature.name), feature)),
    target: target && readColumnProfile(own(profile, "target"), target),
    predictions: target && readColumnProfile(own(profile, "predictions"), target),
  };
}

/** Read own properties only, because names come from files and every object inherits some, such as `constructor`. */
export function own(object: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(object) && Object.hasOwn(object, name) ? object[name] : undefined;
}

function readColumnProfile(json: JsonValue | undefined, column: Feature | Target): ColumnProfile | undefined {
  if (!isJsonObject(json) || json.type !== column.type) {
    return undefined;
  }
  return column.type === "number" ? readNumberProfile(json) : readCategoryProfile(json, column.type);
}

function readNumberProfile(json: JsonObject): NumberProfile | undefined {
  const { deciles, counts } = json;
  const numbers = {
    count: json.count,
    nulls: json.nulls,
    minimum: json.minimum,
    maximum: json.maximum,
    mean: json.mean,
    standard_deviation: json.standard_deviation,
    median: json.median,
  };
  const isProfile =
    hasNumbers(numbers) &&
    isNumbers(deciles) &&
    isNumbers(counts) &&
    deciles.length <= 9 &&
    counts.length === deciles.length + 1 &&
    deciles.every((edge, index) => index === 0 || edge > (deciles[index - 1] ?? NaN)) &&
    areRowsOf(numbers.count, counts);
  return isProfile ? { type: "number", ...numbers, deciles, counts } : undefined;
}

function readCategoryProfile(
  { count, nulls, counts, other }: JsonObject,
  type: "category" | "boolean",
): CategoryProfile | undefined {
  const numbers = { count, nulls, other };
  const isProfile =
    hasNumbers(numbers) &&
    isJsonObject(counts) &&
    hasNumbers(counts) &&
    Object.keys(counts).length <= MAX_CATEGORIES &&
    areRowsOf(numbers.count, [...Object.values(counts), numbers.other]);
  return isProfile ? { type, ...numbers, counts } : undefined;
}

function areRowsOf(count: number, counts: readonly number[]): boolean {
  const areCounts = counts.every((rows) => Number.isSafeInteger(rows) && rows >= 0);
  return count > 0 && areCounts && counts.reduce((sum, rows) => sum + rows, 0) === count;
}

function hasNumbers<K extends string>(
  values: Readonly<Record<K, JsonValue | undefined>>,
): values is Readonly<Record<K, number>> {
  return isNumbers(Object.values(values));
}

function isNumbers(values: unknown): values is readonly number[] {
  return Array.isArray(values) && values.every((value) => Number.isFinite(value));
}
