import { MAX_FLOAT32 } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature, JsonValue, Model } from "@ml-pipelines/pipeline-utils/aws";
import { ForeignModelError, ModelRefusedError } from "../errors.js";
import type { ServiceDefinition } from "../options.js";
import { inMessage, propertyOf } from "../untrusted.js";
import { MAX_FEATURES, ROW_BODY_LIMIT } from "../limits.js";
import { TimeSlice } from "../time-slice.js";
import { isServable, ServedModel } from "./served-model.js";
import type { ModelOrigin } from "./served-model.js";

/** Every validation error of a category names all of its categories. */
const MAX_CATEGORIES = 1_000;

/** Values of number features for which every model must predict: the ends of the range and between. */
const PROBED_NUMBERS = [0, 1, 10, 100, 1_000, 1e6, MAX_FLOAT32, -MAX_FLOAT32];
/** All probes together. */
const MAX_PROBES = 10_000;

/** How far a prediction may be from the one that training stored with the model, relative to it. */
const TOLERANCE = 1e-9;

/** No double has more characters: its sign, five zeros and 17 digits. */
const LONGEST_NUMBER = -0.0000012345678901234567;

/** How much of a name a message shows. */
const SHOWN_CHARACTERS = 40;

/**
 * Check that a model is one this service can answer with; its file's hash and shape were checked when it was read.
 *
 * Its name and fields must be the service's own, its signature small enough, and its predictions finite over the range of its
 * features. Predictions for the examples that training stored in its metadata (`examples`: inputs by name, and `prediction`)
 * must equal the stored ones. The check pauses at times, so that requests are answered meanwhile.
 *
 * @throws {ForeignModelError} It has another name.
 * @throws {ModelRefusedError} The message names the model's address, the value and the expected one.
 */
export async function admitModel(
  model: Model<unknown>,
  origin: ModelOrigin,
  service: ServiceDefinition,
): Promise<ServedModel> {
  const address = `s3://${origin.bucket}/${origin.key}`;
  verifyName(model.name, service.name, address);
  verifySignature(model.features, service, address);
  const modelClass = service.modelClasses
    .filter(isServable)
    .find(({ modelType }) => modelType === model.modelType);
  if (modelClass === undefined) {
    throw new ModelRefusedError(`${address}: models of type ${model.modelType} are not served`);
  }
  const served = new ServedModel(model, modelClass, origin);
  const slice = new TimeSlice();
  await verifyPredictions(served, slice);
  await verifyExamples(served, model.metadata.examples, slice);
  return served;
}

function verifyName(name: string, expected: string, address: string): void {
  if (name !== expected) {
    const shown = JSON.stringify(name.slice(0, SHOWN_CHARACTERS));
    throw new ForeignModelError(
      `${address}: the model's name is ${shown}, of ${name.length} characters, expected ${JSON.stringify(expected)}`,
    );
  }
}

function verifySignature(
  features: readonly Feature[],
  { fields, prediction }: ServiceDefinition,
  address: string,
): void {
  if (features.length > MAX_FEATURES) {
    throw new ModelRefusedError(
      `${address}: the model's signature has ${features.length} features, expected at most ${MAX_FEATURES}`,
    );
  }
  for (const feature of features) {
    if (feature.type === "category" && feature.categories.length > MAX_CATEGORIES) {
      throw new ModelRefusedError(
        `${address}: ${feature.name} has ${feature.categories.length} categories, expected at most ${MAX_CATEGORIES}`,
      );
    }
    if (feature.name === prediction) {
      throw new ModelRefusedError(`${address}: a feature is named ${prediction}, as the prediction is`);
    }
  }
  const bytes = longestInput(features);
  if (bytes > ROW_BODY_LIMIT) {
    throw new ModelRefusedError(
      `${address}: one input may have ${bytes} bytes of JSON, expected at most ${ROW_BODY_LIMIT}`,
    );
  }
  if (fields === undefined) {
    return;
  }
  const actual = describeFields(features.map(({ name, type }) => [name, type]));
  const expected = describeFields(Object.entries(fields));
  if (actual !== expected) {
    throw new ModelRefusedError(
      `${address}: the model's signature is ${actual || "empty"}, expected ${expected}`,
    );
  }
}

/** Bytes of the longest input as JSON, which a request for one prediction must be able to hold. */
function longestInput(features: readonly Feature[]): number {
  const fields = features.map((feature) => bytesOf(feature.name) + longestValue(feature) + ":,".length);
  // The closing brace stands in place of the last comma.
  return fields.reduce((sum, bytes) => sum + bytes, "{".length);
}

function longestValue(feature: Feature): number {
  switch (feature.type) {
    case "boolean":
      return bytesOf(false);
    case "category":
      return Math.max(...feature.categories.map(bytesOf));
    case "number":
      return bytesOf(LONGEST_NUMBER);
  }
}

const bytesOf = (value: string | number | boolean): number => Buffer.byteLength(JSON.stringify(value));

function describeFields(fields: readonly (readonly [string, string])[]): string {
  return fields
    .map(([name, type]) => `${name} (${type})`)
    .sort()
    .join(", ");
}

async function verifyPredictions(served: ServedModel, slice: TimeSlice): Promise<void> {
  for (const row of probes(served.features)) {
    try {
      served.predict(row);
    } catch (error) {
      throw new ModelRefusedError(reasonOf(error), { cause: error });
    }
    if (slice.isOver) {
      await slice.pause();
    }
  }
}

/** Each value of each category feature in turn, with all numbers at each of their probes in turn. */
function* probes(features: readonly Feature[]): Generator<number[]> {
  const bounds = features.map((feature) => boundsOf(feature));
  const changes = features.flatMap((feature, column) =>
    valuesOf(feature).map((value) => ({ column, value })),
  );
  const stride = Math.ceil((Math.max(changes.length, 1) * PROBED_NUMBERS.length) / MAX_PROBES);
  for (const probed of PROBED_NUMBERS) {
    const row = bounds.map(([minimum, maximum]) => Math.min(Math.max(probed, minimum), maximum));
    yield row;
    for (let i = 0; i < changes.length; i += stride) {
      const { column = 0, value = 0 } = changes[i] ?? {};
      yield row.with(column, value);
    }
  }
}

/** Categories and booleans stay at their first value unless it is their turn. */
function boundsOf(feature: Feature): [number, number] {
  switch (feature.type) {
    case "boolean":
    case "category":
      return [0, 0];
    case "number":
      return [feature.minimum ?? -MAX_FLOAT32, Math.min(feature.maximum ?? MAX_FLOAT32, MAX_FLOAT32)];
  }
}

function valuesOf(feature: Feature): number[] {
  switch (feature.type) {
    case "number":
      return [];
    case "boolean":
      return [1];
    case "category":
      return [...feature.categories.keys()].slice(1);
  }
}

async function verifyExamples(
  served: ServedModel,
  examples: JsonValue | undefined,
  slice: TimeSlice,
): Promise<void> {
  if (examples === undefined) {
    return;
  }
  if (!Array.isArray(examples)) {
    throw new ModelRefusedError(
      `${served.address}: metadata.examples is ${typeof examples}, expected an array`,
    );
  }
  const given: readonly unknown[] = examples;
  for (const [index, example] of given.entries()) {
    const where = `${served.address}: metadata.examples[${index}]`;
    const expected = propertyOf(example, "prediction");
    if (typeof expected !== (served.classes === undefined ? "number" : "string")) {
      throw new ModelRefusedError(
        `${where} has no prediction, expected ${served.classes ? "a class" : "a number"}`,
      );
    }
    const predicted = predictExample(served, example, where);
    if (!isAsStored(predicted, expected)) {
      throw new ModelRefusedError(
        `${where} is predicted as ${predicted}, expected ${inMessage(expected)} as training stored it`,
      );
    }
    if (slice.isOver) {
      await slice.pause();
    }
  }
}

function isAsStored(predicted: unknown, expected: unknown): boolean {
  if (typeof predicted !== "number" || typeof expected !== "number") {
    return predicted === expected;
  }
  return Math.abs(predicted - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
}

function predictExample(served: ServedModel, example: unknown, where: string): number | string {
  try {
    return served.answer(served.predict(served.rows.readRow(example)));
  } catch (error) {
    const reason = reasonOf(error);
    throw new ModelRefusedError(`${where} is no input that the model's signature takes: ${reason}`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
