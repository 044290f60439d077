import { isDate } from "node:util/types";

import { argumentError } from "../../argument-error.js";
import type { DatasetReference } from "../datasets/dataset.js";
import type { Feature, Target } from "./feature.js";
import type { JsonObject } from "./json-value.js";
import type { ModelClass } from "./model-class.js";

/** The properties of a new `Model`. */
export interface ModelProperties<M> {
  /** Name before the timestamp of the model's file, such as `time-to-dispatch`. */
  readonly name: string;
  readonly model: M;
  readonly modelClass: ModelClass<M>;
  readonly trainDataset: DatasetReference;
  /** The model's input, in column order. */
  readonly features: readonly Feature[];
  /** The model's output. Default: a number without a name. */
  readonly target?: Target | undefined;
  /** Additional plain JSON to store, such as metrics. Default: `{}`. */
  readonly metadata?: JsonObject | undefined;
  /** Default: now. */
  readonly creationTime?: Date | undefined;
  /**
   * Git commit of the training code. Default: the environment's `GIT_COMMIT_HASH`, else `NA`.
   *
   * Surrounding spaces are removed. `_` replaces each `|` and control character, which would break the model's one-line
   * form.
   */
  readonly pipelineGitCommitHash?: string | undefined;
}

/**
 * Check the types of a model's properties, for callers without types.
 *
 * @throws {TypeError} The message names the property.
 */
export function checkTypes(properties: unknown): void {
  const given = fieldsOf("the model's properties", properties);
  const { modelClass, features, target, creationTime, pipelineGitCommitHash } = given;
  const { modelType, toJSON } = fieldsOf("modelClass", modelClass);
  if (typeof modelType !== "string") {
    throw argumentError("modelClass.modelType", modelType, "text");
  }
  if (typeof toJSON !== "function") {
    throw argumentError("modelClass.toJSON", toJSON, "a function");
  }
  const dataset = fieldsOf("trainDataset", given.trainDataset);
  for (const name of ["bucket", "key", "hash"]) {
    if (typeof dataset[name] !== "string") {
      throw argumentError(`trainDataset.${name}`, dataset[name], "text");
    }
  }
  if (!Array.isArray(features)) {
    throw argumentError("features", features, "an array");
  }
  if (target !== undefined) {
    fieldsOf("target", target);
  }
  if (creationTime !== undefined && !isDate(creationTime)) {
    throw argumentError("creationTime", creationTime, "a Date");
  }
  if (pipelineGitCommitHash !== undefined && typeof pipelineGitCommitHash !== "string") {
    throw argumentError("pipelineGitCommitHash", pipelineGitCommitHash, "text");
  }
}

function fieldsOf(name: string, value: unknown): Record<string, unknown> {
  if (isObject(value)) {
    return value;
  }
  throw argumentError(name, value, "an object");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
