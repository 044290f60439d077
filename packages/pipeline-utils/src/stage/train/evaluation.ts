import type { Target } from "../../aws/models/feature.js";
import type { JsonObject } from "../../aws/models/json-value.js";
import { columnOfFewestCategories, decodeValue, describeRow } from "../../aws/models/row.js";
import { conformalInterval } from "../../monitoring/interval.js";
import type { ModelInterval } from "../../monitoring/interval.js";
import type { ModelProfile } from "../../monitoring/profile.js";
import { profileModel } from "../../monitoring/profile.js";
import { typicalRow } from "../../monitoring/typical-row.js";
import { issueOf, rejectIssues, testCases } from "./checks.js";
import type { CheckContext, CheckIssue } from "./checks.js";
import type { PreparedData, Sample } from "./prepared-data.js";

/** Share of new rows that the stored interval covers. */
const INTERVAL_LEVEL = 0.9;
/** Limit of the rows that a model keeps for the plots of its card. They take about 40 kB. */
const MAX_KEPT_ROWS = 1_000;

/** A trained model, its predictions for the held-out rows, and the profile of its data. */
export interface Evaluation extends CheckContext {
  readonly profile: ModelProfile;
}

/**
 * Predict the held-out rows, and profile the data.
 *
 * @throws {StageError} A prediction is invalid: NaN, an infinity, or no index of a class.
 */
export function evaluateModel(
  predict: (row: readonly number[]) => number,
  { train, test, features }: PreparedData,
  target: Target,
): Evaluation {
  const predictions = new Float64Array(test.target.length);
  for (const index of predictions.keys()) {
    predictions[index] = predict(rowAt(test, index));
  }
  const evaluation = {
    ...{ features, target, train, test, predictions, predict },
    testRow: (index: number) => rowAt(test, index),
    describeRow: (row: readonly number[]) => describeRow(features, row),
    describePrediction: (prediction: number) => describePrediction(target, prediction),
  };
  rejectIssues([findInvalid(evaluation)]);
  const profile = profileModel({ features, target, train, predictions });
  return { ...evaluation, profile, typicalRow: typicalRow(features, profile) };
}

function rowAt({ columns }: Sample, index: number): number[] {
  return columns.map((column) => column[index] ?? NaN);
}

function describePrediction(target: Target, prediction: number): string {
  if (target.type === "category") {
    return String(decodeValue(target, prediction));
  }
  return `${prediction.toFixed(3)}${target.unit === undefined ? "" : ` ${target.unit}`}`;
}

/** Reject invalid predictions first, because other checks and metrics expect finite numbers or classes. */
function findInvalid(evaluation: Omit<CheckContext, "typicalRow">): CheckIssue | undefined {
  const { name, ...target } = evaluation.target;
  if (target.type === "number") {
    const cases = testCases(evaluation, (prediction) => !Number.isFinite(prediction));
    return issueOf(`${name} predictions found for test set that are not finite numbers`, cases);
  }
  const { length } = target.categories;
  const isClass = (prediction: number) =>
    Number.isInteger(prediction) && prediction >= 0 && prediction < length;
  const cases = testCases(evaluation, (prediction) => !isClass(prediction));
  return issueOf(`${name} predictions found for test set that are not an index of ${length} classes`, cases);
}

/**
 * Measure prediction intervals on the held-out rows, by the values of the category feature with the fewest.
 *
 * @returns undefined for a class, and for fewer than the 9 rows that the level needs.
 */
export function measureInterval({
  features,
  target,
  test,
  predictions,
}: Evaluation): ModelInterval | undefined {
  if (target.type !== "number") {
    return undefined;
  }
  const scores = predictions.map((prediction, row) => Math.abs((test.target[row] ?? NaN) - prediction));
  const column = columnOfFewestCategories(features);
  const feature = features[column];
  const interval =
    feature === undefined
      ? conformalInterval(scores, INTERVAL_LEVEL)
      : conformalInterval(
          scores,
          INTERVAL_LEVEL,
          Array.from(test.columns[column] ?? [], (value) => String(decodeValue(feature, value))),
        );
  if (!Number.isFinite(interval.q)) {
    return undefined;
  }
  return feature === undefined || interval.categories === undefined
    ? interval
    : { ...interval, feature: feature.name };
}

/** At most 1,000 held-out rows, evenly spaced. */
function sampleRows(rows: number): number[] {
  const kept = Math.min(rows, MAX_KEPT_ROWS);
  return Array.from({ length: kept }, (_, index) => Math.floor((index * rows) / kept));
}

/**
 * True values and predictions of at most 1,000 held-out rows, evenly spaced, as clients know them. `groups` has each
 * row's value of `feature`, the category or boolean feature with the fewest values, as its index.
 */
export function sampleEvaluation({ features, target, test, predictions }: Evaluation): JsonObject {
  const rows = sampleRows(predictions.length);
  const sample = (values: Float64Array) => rows.map((row) => decodeValue(target, values[row] ?? NaN));
  const column = columnOfFewestCategories(features);
  const feature = features[column];
  return {
    actual: sample(test.target),
    predicted: sample(predictions),
    ...(feature !== undefined && {
      feature: feature.name,
      groups: rows.map((row) => test.columns[column]?.[row] ?? NaN),
    }),
  };
}

/**
 * Measure how much the error rises when the values of one feature are shuffled among at most 1,000 held-out rows. The
 * shuffle is the same in each run. The error is the mean absolute one; of classes, the share of wrong ones.
 *
 * @returns undefined for fewer than two rows.
 * @see Breiman 2001, "Random forests"
 */
export function measureImportance({
  features,
  target,
  test,
  predictions,
  predict,
  testRow,
}: Evaluation): JsonObject | undefined {
  const rows = sampleRows(predictions.length);
  if (rows.length < 2) {
    return undefined;
  }
  const errorOf = (row: number, prediction: number): number => {
    const actual = test.target[row] ?? NaN;
    return target.type === "category" ? Number(actual !== prediction) : Math.abs(actual - prediction);
  };
  const meanOf = (predicted: (row: number, index: number) => number): number =>
    rows.reduce((sum, row, index) => sum + errorOf(row, predicted(row, index)), 0) / rows.length;
  const base = meanOf((row) => predictions[row] ?? NaN);
  const shuffled = shuffle(rows);
  const rises = features.map((feature, column): [string, number] => {
    const error = meanOf((row, index) =>
      predict(testRow(row).with(column, test.columns[column]?.[shuffled[index] ?? row] ?? NaN)),
    );
    return [feature.name, error - base];
  });
  // JSON has no infinities, which a model may predict for inputs that do not occur.
  return {
    metric: target.type === "category" ? "share_of_wrong_classes" : "mean_absolute_error",
    rows: rows.length,
    features: Object.fromEntries(rises.filter(([, rise]) => Number.isFinite(rise))),
  };
}

/** A copy in random order, always the same, by a linear congruential generator with the constants of Numerical Recipes. */
function shuffle(rows: readonly number[]): number[] {
  const shuffled = [...rows];
  let state = 42;
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    const [one = NaN, two = NaN] = [shuffled[last], shuffled[other]];
    shuffled[last] = two;
    shuffled[other] = one;
  }
  return shuffled;
}
