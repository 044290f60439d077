import type { Feature, NumberFeature } from "../aws/models/feature.js";
import { isJsonArray, isJsonObject } from "../aws/models/json-value.js";
import type { JsonValue } from "../aws/models/json-value.js";
import type { Model } from "../aws/models/model.js";
import { decodeValue, describeRow } from "../aws/models/row.js";
import type { ModelClass } from "../aws/models/model-class.js";
import { clampToFeature, trainedRange } from "../monitoring/typical-row.js";

/** Limit of the inputs for which two models are compared. A grid with more is thinned out. */
const MAX_INPUTS = 10_000;
/** Values of a number feature, if no deciles of the training data are known. */
const NUMBER_STEPS = 11;
/** Number of the greatest differences that are shown. */
const SHOWN = 5;

/** A loaded model and the class that predicts with it. */
export interface Predictor {
  readonly model: Model<unknown>;
  readonly modelClass: ModelClass<unknown>;
}

/** One input, and both predictions for it. */
export interface PredictionPair {
  /** `product_code SKU001, orders_placed 10`. */
  readonly input: string;
  readonly a: string | number | boolean;
  readonly b: string | number | boolean;
  /** b - a, for numbers. */
  readonly difference?: number;
}

/** How the predictions of two models differ. */
export interface PredictionDiff {
  /** Number of inputs that were compared. */
  readonly inputs: number;
  /** Number of inputs with other predictions. */
  readonly different: number;
  /** Mean of |b - a|, for numbers. */
  readonly meanAbsoluteDifference?: number;
  /** The inputs with the greatest differences, greatest first. */
  readonly greatest: readonly PredictionPair[];
}

/**
 * Compare the predictions of two models on a grid of inputs: each category, and the deciles of the first model's
 * training data for each number.
 *
 * @returns Text if the models cannot be compared: the reason.
 */
export function comparePredictions(a: Predictor, b: Predictor): PredictionDiff | string {
  const features = a.model.features;
  const columns = features.map((feature) => b.model.features.findIndex(({ name }) => name === feature.name));
  if (columns.includes(-1) || features.length !== b.model.features.length) {
    return "the models have other features";
  }
  const pairs: { readonly pair: PredictionPair; readonly size: number }[] = [];
  let inputs = 0;
  let sum = 0;
  const isNumber =
    (a.model.target?.type ?? "number") === "number" && (b.model.target?.type ?? "number") === "number";
  for (const row of inputsOf(a.model)) {
    const other = translate(row, features, b.model.features);
    if (other === undefined) {
      continue;
    }
    const [one, two] = [predict(a, row), predict(b, other)];
    inputs += 1;
    const difference = isNumber ? Number(two) - Number(one) : undefined;
    sum += Math.abs(difference ?? 0);
    if (one !== two) {
      const size = difference === undefined ? 1 : Math.abs(difference);
      const shown = difference === undefined ? {} : { difference };
      pairs.push({ pair: { input: describeRow(features, row), a: one, b: two, ...shown }, size });
    }
  }
  if (inputs === 0) {
    return "no input is allowed by both signatures";
  }
  pairs.sort((one, two) => two.size - one.size);
  return {
    inputs,
    different: pairs.length,
    ...(isNumber ? { meanAbsoluteDifference: sum / inputs } : {}),
    greatest: pairs.slice(0, SHOWN).map(({ pair }) => pair),
  };
}

function predict({ model, modelClass }: Predictor, row: readonly number[]): string | number | boolean {
  const prediction = modelClass.predict?.(model.model, row) ?? NaN;
  return model.target === undefined ? prediction : decodeValue(model.target, prediction);
}

/** The inputs of the grid, as rows of the model's features; at most so many, spread evenly. */
function* inputsOf({ features, metadata }: Model<unknown>): Generator<number[]> {
  const values = features.map((feature) => valuesOf(feature, metadata.profile));
  const total = values.reduce((product, { length }) => product * length, 1);
  const stride = Math.max(1, total / MAX_INPUTS);
  for (let position = 0; position < total; position += stride) {
    let rest = Math.floor(position);
    yield values.map((column) => {
      const value = column[rest % column.length] ?? NaN;
      rest = Math.floor(rest / column.length);
      return value;
    });
  }
}

function valuesOf(feature: Feature, profile: JsonValue | undefined): number[] {
  switch (feature.type) {
    case "boolean":
      return [0, 1];
    case "category":
      return [...feature.categories.keys()];
    case "number":
      return [...new Set(numbersOf(feature, profile).map((value) => clampToFeature(value, feature)))];
  }
}

function numbersOf(feature: NumberFeature, profile: JsonValue | undefined): number[] {
  const [minimum, maximum] = trainedRange(feature, profile);
  const features = isJsonObject(profile) ? profile.features : undefined;
  const column = isJsonObject(features) ? features[feature.name] : undefined;
  const deciles = isJsonObject(column) ? column.deciles : undefined;
  if (isJsonArray(deciles)) {
    return [minimum, ...deciles.filter((value) => typeof value === "number"), maximum];
  }
  return Array.from(
    { length: NUMBER_STEPS },
    (_, i) => minimum + ((maximum - minimum) * i) / (NUMBER_STEPS - 1),
  );
}

/** A row for another model with the same features, in its order. undefined if it does not know a category. */
function translate(
  row: readonly number[],
  features: readonly Feature[],
  others: readonly Feature[],
): number[] | undefined {
  const translated = others.map((other) => {
    const column = features.findIndex(({ name }) => name === other.name);
    const [feature, value] = [features[column], row[column] ?? NaN];
    if (feature?.type !== other.type) {
      return -1;
    }
    if (feature.type === "category" && other.type === "category") {
      return other.categories.indexOf(feature.categories[value] ?? "");
    }
    const isAllowed = other.type !== "number" || clampToFeature(value, other) === value;
    return isAllowed ? value : NaN;
  });
  const isKnown = translated.every(
    (value, i) => !Number.isNaN(value) && !(others[i]?.type !== "number" && value < 0),
  );
  return isKnown ? translated : undefined;
}
