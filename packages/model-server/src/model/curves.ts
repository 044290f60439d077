import { columnOfFewestCategories, countCategories, decodeValue } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature, NumberFeature } from "@ml-pipelines/pipeline-utils/aws";
import { trainedRange, typicalRow } from "@ml-pipelines/pipeline-utils/monitoring";
import { HttpError } from "../errors.js";
import { TimeSlice } from "../time-slice.js";
import type { Prediction, ServedModel } from "./served-model.js";

/** More steps than any screen has columns. */
const MAX_STEPS = 2_000;
/** Steps of a class without `breakpoints`. */
const SAMPLED_STEPS = 200;
/** All lines together. They are predicted in slices. */
const MAX_PREDICTIONS = 100_000;

/** The prediction against one number feature: a line for each value of one category or boolean feature. */
export interface Curves {
  readonly feature: NumberFeature;
  /** Ascending values of the feature. */
  readonly steps: readonly number[];
  /** Whether each prediction holds from its step up to the next; else the steps are samples. */
  readonly isExact: boolean;
  /** Names each line's value; undefined where the model has no such feature, and one line. */
  readonly lineFeature: Feature | undefined;
  /** One prediction a step. */
  readonly lines: readonly { readonly name: string; readonly predictions: readonly Prediction[] }[];
}

/**
 * Predict along one number feature, the others at their median or most frequent value.
 *
 * There is a line for each value of the category or boolean feature that has the fewest. The steps are exact where the model's class
 * has `breakpoints`. Otherwise they are 200 points from the training minimum to its maximum.
 *
 * @param name - The feature. Default: the first number feature.
 * @throws {HttpError} 404: the model has no such number feature.
 */
export async function curvesOf(served: ServedModel, name: string | undefined): Promise<Curves> {
  const { features, model } = served;
  const column = features.findIndex(
    (each) => each.type === "number" && (name === undefined || each.name === name),
  );
  const feature = features[column];
  if (feature?.type !== "number") {
    const known = features.filter(({ type }) => type === "number").map((each) => each.name);
    throw new HttpError(
      404,
      `the model has no number feature${name === undefined ? "" : ` named ${JSON.stringify(name)}`}, only ${known.join(", ") || "categories"}`,
    );
  }
  const lineColumn = columnOfFewestCategories(features);
  const lineFeature = features[lineColumn];
  const names = lineFeature === undefined ? [name ?? feature.name] : valuesOf(lineFeature);
  const maxSteps = Math.max(Math.min(MAX_STEPS, Math.floor(MAX_PREDICTIONS / names.length)), 1);
  const { steps, isExact } = stepsOf(served, column, feature, maxSteps);
  const typical = typicalRow(features, model.metadata.profile);
  const slice = new TimeSlice();
  const lines: { name: string; predictions: Prediction[] }[] = [];
  for (const [index, line] of names.entries()) {
    const row = lineFeature === undefined ? [...typical] : typical.with(lineColumn, index);
    const predictions: Prediction[] = [];
    for (const step of steps) {
      row[column] = step;
      predictions.push(served.answer(served.predict(row)));
      if (slice.isOver) {
        await slice.pause();
      }
    }
    lines.push({ name: line, predictions });
  }
  return { feature, steps, isExact, lineFeature, lines };
}

function valuesOf(feature: Feature): readonly string[] {
  return Array.from({ length: countCategories(feature) }, (_, index) => String(decodeValue(feature, index)));
}

function stepsOf(
  { model, modelClass }: ServedModel,
  column: number,
  feature: NumberFeature,
  maxSteps: number,
): { steps: number[]; isExact: boolean } {
  const [least, greatest] = trainedRange(feature, model.metadata.profile);
  if (modelClass.breakpoints === undefined) {
    const count = Math.min(SAMPLED_STEPS, maxSteps);
    const width = (greatest - least) / Math.max(count - 1, 1);
    const samples = Array.from({ length: count }, (_, i) => least + i * width);
    const steps = feature.integer === true ? samples.map(Math.round) : samples;
    return { steps: [...new Set(steps)], isExact: false };
  }
  const start = feature.minimum ?? least;
  const breakpoints = modelClass.breakpoints(model.model, column).filter((value) => value > start);
  const steps = [start, ...breakpoints.filter((value) => value <= (feature.maximum ?? Infinity))];
  const stride = Math.ceil(steps.length / maxSteps);
  return { steps: steps.filter((_step, index) => index % stride === 0), isExact: true };
}
