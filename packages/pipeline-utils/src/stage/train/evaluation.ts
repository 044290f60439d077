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

/** True values and predictions of at most 1,000 held-out rows, evenly spaced, as clients know them. */
export function sampleEvaluation({ target, test, predictions }: Evaluation): JsonObject {
  const rows = predictions.length;
  const kept = Math.min(rows, MAX_KEPT_ROWS);
  const sample = (values: Float64Array) =>
    Array.from({ length: kept }, (_, index) =>
      decodeValue(target, values[Math.floor((index * rows) / kept)] ?? NaN),
    );
  return { actual: sample(test.target), predicted: sample(predictions) };
}
