import { readExactFeatures, readLabels, readWeights } from "./column.js";
import type { Column } from "./column.js";
import { listFolds, toSplitter } from "./cv-folds.js";
import type { CrossValidation } from "./cv-folds.js";
import type { Groups } from "./folds.js";
import type { Scoring } from "./metrics.js";
import { argumentError, checkOptions } from "./options.js";
import type { OptionNames } from "./options.js";
import { fitRows, takeRows } from "./point-search.js";
import type { Regressor } from "./regressor.js";
import { checkScoring, scoreEstimator } from "./scoring.js";
import type { Scorer } from "./scoring.js";

/** Options of a cross-validation. */
export interface CrossValidateOptions<R> {
  /** A number of folds of neighbouring rows, a splitter or a list of folds. Default 5. */
  readonly cv?: CrossValidation;
  /** A name, a list of names, or an object that names scorings, `{ mine: (estimator, columns, y) => … }`. Default `"r2"`. */
  readonly scoring?: Scoring | readonly Scoring[] | Readonly<Record<string, Scoring | Scorer<R>>>;
  /** Whether to score the training rows of each fold, too. Default false. */
  readonly returnTrainScore?: boolean;
  /** The group of each row, for splitters that keep groups together. */
  readonly groups?: Groups;
  /** Weight of each row in training. Scores do not use it, as in scikit-learn. Default: 1. */
  readonly sampleWeight?: Column;
}

const OPTION_NAMES: OptionNames<CrossValidateOptions<unknown>> = {
  cv: true,
  scoring: true,
  returnTrainScore: true,
  groups: true,
  sampleWeight: true,
};

/** Scores by the name of the scoring: one element per fold. */
export interface CrossValidateScores {
  readonly testScores: Readonly<Record<string, Float64Array>>;
  /** Only with `returnTrainScore`. */
  readonly trainScores?: Readonly<Record<string, Float64Array>>;
}

/**
 * Fit an estimator on the training rows of each fold, and score it on the test rows, as scikit-learn's
 * `cross_validate`.
 *
 * @param estimator - Not changed; each fold fits a new one.
 * @param columns - Feature columns, shape (features, rows); the estimator gets them in 64 bits.
 * @param y - Labels, one per row.
 * @param options - See CrossValidateOptions.
 * @throws {RangeError} Input that the estimator rejects, or folds or scorings that are not allowed.
 * @throws {TypeError} An unknown option.
 *
 * @example
 * ```ts
 * import { crossValidate, DecisionTreeRegressor } from "@ml-pipelines/decision-tree";
 *
 * const orders = Float64Array.from({ length: 50 }, (_, row) => (row * 7) % 50);
 * const hours = orders.map((placed) => (placed < 25 ? 1 : 3));
 * const { testScores } = crossValidate(new DecisionTreeRegressor(), [orders], hours, {
 *   cv: 2,
 *   scoring: ["r2", "neg_mean_absolute_error"],
 * });
 * console.log(testScores.r2, testScores.neg_mean_absolute_error);
 * ```
 *
 * prints
 *
 * ```
 * Float64Array(2) [ 1, 0.8397435897435899 ] Float64Array(2) [ -0, -0.08 ]
 * ```
 */
export function crossValidate<R extends Regressor<R>>(
  estimator: R,
  columns: readonly Column[],
  y: Column,
  options: CrossValidateOptions<R> = {},
): CrossValidateScores {
  checkOptions(options, OPTION_NAMES);
  const { cv = 5, scoring = "r2", returnTrainScore = false, groups, sampleWeight } = options;
  const scorings = nameScorings(scoring);
  const labels = readLabels(y);
  const rows = labels.length;
  const features = readExactFeatures(columns, rows);
  const data = { features, labels, weights: sampleWeight && readWeights(sampleWeight, rows) };
  const folds = listFolds(toSplitter(cv), labels, groups);
  const byFold = folds.map(({ train, test }) => {
    const trainRows = takeRows(data, train);
    const fitted = fitRows(estimator.withParams({}), trainRows);
    const score = ({ features: of, labels: truth }: typeof trainRows) =>
      scorings.map(([, one]) => scoreEstimator(one, fitted, of, truth));
    return { test: score(takeRows(data, test)), train: returnTrainScore ? score(trainRows) : [] };
  });
  const collect = (part: "test" | "train") =>
    Object.fromEntries(
      scorings.map(([name], index) => [name, Float64Array.from(byFold, (fold) => fold[part][index]!)]),
    );
  return { testScores: collect("test"), ...(returnTrainScore && { trainScores: collect("train") }) };
}

function nameScorings<R>(
  scoring: NonNullable<CrossValidateOptions<R>["scoring"]>,
): [string, Scoring | Scorer<R>][] {
  const given: unknown = scoring;
  if (typeof scoring === "string") {
    return [[scoring, checkScoring(scoring)]];
  }
  if (typeof given !== "object" || given === null) {
    throw argumentError("scoring", given, "a name, a list of names, or an object that names scorings");
  }
  const named = isList(scoring)
    ? scoring.map((name): [string, Scoring] => [name, name])
    : Object.entries(scoring);
  if (named.length === 0) {
    throw new RangeError("scoring is empty");
  }
  return named.map(([name, one]) => [name, checkScoring(one)]);
}

function isList(scoring: object): scoring is readonly Scoring[] {
  return Array.isArray(scoring);
}
