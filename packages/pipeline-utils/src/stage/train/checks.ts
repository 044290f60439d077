import type { Feature, Target } from "../../aws/models/feature.js";
import { countCategories } from "../../aws/models/row.js";
import { StageError } from "../program/errors.js";
import type { Sample } from "./prepared-data.js";

/** The trained model and its data, as input of checks. Rows are as `ModelClass.predict` takes them. */
export interface CheckContext {
  readonly features: readonly Feature[];
  readonly target: Target;
  readonly train: Sample;
  readonly test: Sample;
  /** Predictions for the rows of `test`. */
  readonly predictions: Float64Array;
  /** The median of each number and the most frequent value of each category or boolean, over the training rows. */
  readonly typicalRow: readonly number[];
  /** Predict one row. */
  readonly predict: (row: readonly number[]) => number;
  /** One row of `test`. */
  readonly testRow: (index: number) => number[];
  /** Describe a row: `product_code SKU001, orders_placed 10`. */
  readonly describeRow: (row: readonly number[]) => string;
  /** Describe a prediction: `3.000 hours`, or the name of a class. */
  readonly describePrediction: (prediction: number) => string;
}

/** A failed check. */
export interface CheckIssue {
  /** The violation: `negative hours_to_dispatch predictions found for test set`. */
  readonly issue: string;
  /** The inputs and predictions that failed the check. The message names the first five. */
  readonly cases: readonly string[];
}

/**
 * A logical check of a trained model. It returns undefined if the model passes. A stage runs every check and reports
 * all issues together. Projects write their own:
 *
 * ```ts
 * import type { Check } from "@ml-pipelines/pipeline-utils/stage";
 *
 * export const atMostOneDay: Check = ({ predictions, testRow, describeRow, describePrediction }) => {
 *   const rows = [...predictions.keys()].filter((index) => (predictions[index] ?? NaN) > 24);
 *   if (rows.length === 0) {
 *     return undefined;
 *   }
 *   const cases = rows.map(
 *     (index) => `${describeRow(testRow(index))}: ${describePrediction(predictions[index] ?? NaN)}`,
 *   );
 *   return { issue: "predictions of more than a day", cases };
 * };
 * ```
 *
 * A model that passes keeps the `title` of each check for its card, such as `predictions increase with orders_placed`.
 * Default: the function's name.
 */
export type Check = ((context: CheckContext) => CheckIssue | undefined) & { readonly title?: string };

/** The title of a check, or the name of its function. */
export function titleOf(check: Check): string {
  return check.title ?? (check.name === "" ? "a check without a name" : check.name);
}

/** A check with a title. */
function titled(title: string, check: (context: CheckContext) => CheckIssue | undefined): Check {
  return Object.assign(check, { title });
}

/** Limit of the cases in a message, which only counts the others. */
const MAX_NAMED_CASES = 5;

/**
 * Check that the prediction increases with one number feature: it must be greater at `to` than at `from`.
 *
 * The check tries each value of each category and boolean feature in turn. The other features have typical values.
 *
 * @param feature - Name of a number feature.
 * @throws {TypeError} When the check runs: the model has no number feature of that name.
 */
export function increasing(feature: string, from: number, to: number): Check {
  return titled(`predictions increase with ${feature}, from ${from} to ${to}`, (context) => {
    const { features, target, predict, describeRow, describePrediction } = context;
    const column = features.findIndex(({ name, type }) => name === feature && type === "number");
    if (column < 0) {
      const names = features.map(({ name, type }) => `${name} (${type})`).join(", ");
      throw new TypeError(`increasing: ${feature} is not a number feature of the model, which has ${names}`);
    }
    const cases = coverCategories(context).flatMap((row) => {
      const [lowRow, highRow] = [row.with(column, from), row.with(column, to)];
      const [low, high] = [predict(lowRow), predict(highRow)];
      const shownHigh = `${feature} ${to}: ${describePrediction(high)}`;
      return low < high ? [] : [`${describeRow(lowRow)}: ${describePrediction(low)}, ${shownHigh}`];
    });
    // The rows contain the typical row once per feature, so remove duplicates.
    return issueOf(`${target.name} predictions do not increase with ${feature}`, [...new Set(cases)]);
  });
}

/** @throws {TypeError} The target is a class, whose index has no magnitude. */
function requireNumbers(check: string, target: Target): void {
  if (target.type !== "number") {
    throw new TypeError(`${check}: ${target.name} is a ${target.type}, expected a number`);
  }
}

/** Check that no prediction for the test rows is negative. */
export function notNegative(): Check {
  return titled("no prediction is negative", (context) => {
    requireNumbers("notNegative", context.target);
    return issueOf(
      `negative ${context.target.name} predictions found for test set`,
      testCases(context, (prediction) => !(prediction >= 0)),
    );
  });
}

/**
 * Check that no prediction for the test rows exceeds `factor` times the greatest true value of these rows.
 *
 * @param factor - For example, 1.25 allows a quarter more.
 */
export function atMostTimesObserved(factor: number): Check {
  return titled(`no prediction exceeds ${factor} times the greatest true value`, (context) => {
    const { target, test, describePrediction } = context;
    requireNumbers("atMostTimesObserved", target);
    const limit = factor * test.target.reduce((most, value) => Math.max(most, value), -Infinity);
    return issueOf(
      `outlier ${target.name} predictions found for test set, above ${describePrediction(limit)}`,
      testCases(context, (prediction) => !(prediction <= limit)),
    );
  });
}

/**
 * Throw an error if checks found issues.
 *
 * @param found - One result per check; undefined if the model passed it.
 * @throws {StageError} The message has all issues.
 */
export function rejectIssues(found: readonly (CheckIssue | undefined)[]): void {
  const issues = found.filter((issue) => issue !== undefined);
  if (issues.length > 0) {
    throw new StageError(`Trained model failed verification: ${issues.map(describeIssue).join(", ")}.`);
  }
}

function describeIssue({ issue, cases }: CheckIssue): string {
  const surplus = cases.length - MAX_NAMED_CASES;
  const named = cases.slice(0, MAX_NAMED_CASES).join("; ");
  return `${issue} (${named}${surplus > 0 ? `; and ${surplus} more` : ""})`;
}

export function issueOf(issue: string, cases: readonly string[]): CheckIssue | undefined {
  return cases.length === 0 ? undefined : { issue, cases };
}

/** Describe the test rows with an invalid prediction for a message. */
export function testCases(
  { predictions, testRow, describeRow, describePrediction }: Omit<CheckContext, "typicalRow">,
  isBroken: (prediction: number) => boolean,
): string[] {
  const cases: string[] = [];
  for (const [index, prediction] of predictions.entries()) {
    if (isBroken(prediction)) {
      cases.push(`${describeRow(testRow(index))}: ${describePrediction(prediction)}`);
    }
  }
  return cases;
}

/**
 * Copies of the typical row, one for each value of each category and boolean feature. Without such features, the
 * typical row alone.
 */
function coverCategories({ features, typicalRow }: CheckContext): (readonly number[])[] {
  const rows = features.flatMap((feature, column) =>
    Array.from({ length: countCategories(feature) }, (_, index) => typicalRow.with(column, index)),
  );
  return rows.length === 0 ? [typicalRow] : rows;
}
