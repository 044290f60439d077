import type { Feature, Target } from "../aws/models/feature.js";
import { isJsonObject } from "../aws/models/json-value.js";
import type { JsonObject, JsonValue } from "../aws/models/json-value.js";
import { countCategories, decodeValue } from "../aws/models/row.js";

/** How far predictions are off: the half-width of an interval around a prediction. */
export type HalfWidth = Readonly<{
  /** Rows that it was measured on. */
  n: number;
  /** In the unit of the target. Infinity if there are too few rows for the level. */
  q: number;
}>;

/** Prediction intervals by split conformal prediction. */
export type ConformalInterval = HalfWidth &
  Readonly<{
    /** Share of true values that the intervals cover, in (0, 1). */
    level: number;
    /** By category, for those with at least 50 rows. Left out if there is none. */
    categories?: Readonly<Record<string, HalfWidth>>;
  }>;

/** `metadata.interval` of a model. */
export type ModelInterval = ConformalInterval &
  Readonly<{
    /** Name of the feature whose values `categories` has. */
    feature?: string;
  }>;

/** A row and the signature of its model. */
export interface PredictedRow {
  readonly features: readonly Feature[];
  readonly target: Target | undefined;
  /** One number per feature, as `ModelClass.predict` takes them. */
  readonly row: readonly number[];
  readonly prediction: number;
}

/** An interval around a prediction, bounds included. */
export type PredictionInterval = Readonly<{ level: number; low: number; high: number }>;

/** With fewer rows, the half-width of a category says more about chance than about the category. */
const MIN_CATEGORY_ROWS = 50;

/**
 * Measure how far predictions are off, by split conformal prediction.
 *
 * Among n rows, q is the ceil((n + 1) level)-th smallest score. An interval of prediction ± q then covers a new row of
 * the same distribution with a probability of at least `level`, whatever the model is. The model must not have been
 * trained on these rows, before or afterwards.
 *
 * @param scores - |actual - predicted| of rows that the model was not trained on, shape (rows).
 * @param level - Share of new rows to cover, in (0, 1).
 * @param categories - The category of each row, shape (rows). Default: none.
 * @throws {RangeError} The level is not in (0, 1), a score is negative or NaN, or the shapes differ.
 * @see Lei et al. 2018, "Distribution-free predictive inference for regression".
 */
export function conformalInterval(
  scores: ArrayLike<number>,
  level: number,
  categories?: ArrayLike<string>,
): ConformalInterval {
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`level is ${level}, expected a number between 0 and 1`);
  }
  const all = Float64Array.from(scores);
  const wrong = all.findIndex((score) => !(score >= 0));
  if (wrong >= 0) {
    throw new RangeError(`scores[${wrong}] is ${all[wrong]}, expected at least 0`);
  }
  const overall = { level, ...halfWidth(all, level) };
  if (categories === undefined) {
    return overall;
  }
  if (categories.length !== all.length) {
    throw new RangeError(`categories has length ${categories.length}, expected ${all.length} as scores has`);
  }
  const grouped = new Map<string, number[]>();
  all.forEach((score, row) => {
    const category = categories[row] ?? "";
    const group = grouped.get(category) ?? [];
    group.push(score);
    grouped.set(category, group);
  });
  const measured = [...grouped]
    .map(([category, group]) => [category, halfWidth(Float64Array.from(group), level)] as const)
    .filter(([, { n, q }]) => n >= MIN_CATEGORY_ROWS && Number.isFinite(q));
  return measured.length === 0 ? overall : { ...overall, categories: Object.fromEntries(measured) };
}

function halfWidth(scores: Float64Array, level: number): HalfWidth {
  const n = scores.length;
  // Rounding must not raise a rank that is a whole number: (n + 1) x 0.9 can be 9.000000000000002.
  const rank = Math.ceil((n + 1) * level * (1 - Number.EPSILON));
  return { n, q: scores.toSorted()[rank - 1] ?? Infinity };
}

/**
 * The interval around a prediction, within the bounds of the target.
 *
 * @param interval - `metadata.interval` of the model. It may be untrusted JSON.
 * @returns undefined if `interval` has no level and half-width, or the target is a class.
 */
export function predictionInterval(
  interval: JsonValue | undefined,
  { features, target, row, prediction }: PredictedRow,
): PredictionInterval | undefined {
  if (!isJsonObject(interval) || target?.type === "category") {
    return undefined;
  }
  const q = positiveIn(categoryOf(interval, features, row), "q") ?? positiveIn(interval, "q");
  const level = positiveIn(interval, "level");
  if (q === undefined || level === undefined) {
    return undefined;
  }
  const { minimum = -Infinity, maximum = Infinity } = target ?? {};
  const clamp = (value: number) => Math.min(Math.max(value, minimum), maximum);
  return { level, low: clamp(prediction - q), high: clamp(prediction + q) };
}

/** The half-width of the row's category, if it has one of its own. */
function categoryOf(
  { feature, categories }: JsonObject,
  features: readonly Feature[],
  row: readonly number[],
): JsonObject {
  const column = features.findIndex(({ name }) => name === feature);
  const found = features[column];
  if (found === undefined || countCategories(found) === 0 || !isJsonObject(categories)) {
    return {};
  }
  const name = String(decodeValue(found, row[column] ?? NaN));
  const category = Object.hasOwn(categories, name) ? categories[name] : undefined;
  return isJsonObject(category) ? category : {};
}

function positiveIn(object: JsonObject, name: "q" | "level"): number | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === "number" && value >= 0 && value < Infinity ? value : undefined;
}
