import type { Target } from "../../aws/models/feature.js";
import { decodeValue, describeRow } from "../../aws/models/row.js";
import type { ModelProfile } from "../../monitoring/profile.js";
import { profileModel } from "../../monitoring/profile.js";
import { typicalRow } from "../../monitoring/typical-row.js";
import { issueOf, rejectIssues, testCases } from "./checks.js";
import type { CheckContext, CheckIssue } from "./checks.js";
import type { PreparedData, Sample } from "./prepared-data.js";

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
