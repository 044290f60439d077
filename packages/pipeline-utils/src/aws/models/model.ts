import { isDate } from "node:util/types";

import { argumentError, checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { PipelineUtilsError, SerialisationError } from "../../errors.js";
import type { S3TimestampedArtefact } from "../artefacts/artefact.js";
import { PUT_OPTIONS } from "../artefacts/options.js";
import type { PutOptions } from "../artefacts/options.js";
import { putObjectToS3 } from "../artefacts/put/put-object.js";
import { DATASET_REFERENCE } from "../datasets/dataset.js";
import type { DatasetReference } from "../datasets/dataset.js";
import { checkNamePrefix, makeTimestampedFilename } from "../timestamped-key.js";
import { canonicalJson, hashModelJson } from "./canonical-json.js";
import { checkFeatures, checkTarget } from "./feature.js";
import type { Feature, Target } from "./feature.js";
import { deepFreeze, isJsonObject, parseJson } from "./json-value.js";
import type { JsonObject } from "./json-value.js";
import type { ModelClass } from "./model-class.js";
import { renderModelFile } from "./model-file.js";
import { checkTexts, MAX_CHARACTERS } from "./serving-limits.js";
import { readSigningKey } from "./signing-keys.js";
import { isObject } from "../../is-object.js";

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

const MODEL_PROPERTIES: OptionKinds<ModelProperties<unknown>> = {
  name: "text",
  model: "other",
  modelClass: "other",
  trainDataset: "other",
  features: "other",
  target: "object",
  metadata: "object",
  creationTime: "other",
  pipelineGitCommitHash: "text",
};

/**
 * A trained model and where it came from; read-only.
 *
 * @example
 * ```ts
 * import { getLatestCsvDatasetFromS3, Model, type ModelClass } from "@ml-pipelines/pipeline-utils";
 *
 * // A model that always predicts the same value.
 * const constant: ModelClass<number> = {
 *   modelType: "Constant",
 *   toJSON: (value) => value,
 *   fromJSON(json) {
 *     if (typeof json !== "number") throw new Error(`a constant is ${JSON.stringify(json)}, expected a number`);
 *     return json;
 *   },
 * };
 * const model = new Model({
 *   name: "hours",
 *   model: 1.875,
 *   modelClass: constant,
 *   trainDataset: await getLatestCsvDatasetFromS3("my-bucket", { folder: "datasets" }),
 *   features: [],
 * });
 * const { address } = await model.putModelToS3({ bucket: "my-bucket", folder: "constants" });
 * console.log(address);
 * ```
 *
 * prints
 *
 * ```
 * s3://my-bucket/constants/hours_2021-07-20T14:44:13.558Z.json
 * ```
 */
export class Model<M> {
  readonly name: string;
  readonly model: M;
  readonly modelType: string;
  /** MD5, in hex, of the canonical JSON of the model. */
  readonly modelHash: string;
  readonly trainDataset: DatasetReference;
  readonly pipelineGitCommitHash: string;
  readonly features: readonly Feature[];
  /** The output. undefined in files from before targets were recorded, whose models predict a number. */
  readonly target: Target | undefined;
  /** Deeply frozen. */
  readonly metadata: JsonObject;
  readonly #creationTime: number;
  /** Canonical JSON of the model; undefined if a loader made this object. */
  readonly #modelJson: string | undefined;
  readonly #modelClass: ModelClass<M>;

  /**
   * @param verified - For loaders: the hash of a model that was verified with its file. The model is not serialised
   *   again, and keys of features that this version does not know are kept. Default: a new model.
   * @throws {SerialisationError} The model or its metadata has no JSON form, or the creation time is invalid.
   * @throws {InvalidArtefactKeyError} The name cannot begin a file's name.
   * @throws {ModelIntegrityError} The features or the target contradict themselves, or have an unknown key; or a text is
   *   too long.
   * @throws {TypeError} A property is missing, is unknown, or has the wrong type, in a caller without types. The message names it.
   */
  constructor(properties: ModelProperties<M>, verified?: { readonly modelHash: string }) {
    checkTypes(properties);
    const {
      name,
      model,
      modelClass,
      trainDataset,
      features,
      target,
      metadata = {},
      creationTime = new Date(),
    } = properties;
    checkNamePrefix(name);
    if (Number.isNaN(creationTime.getTime())) {
      throw new SerialisationError(`model ${name}: creationTime is not a date`);
    }
    this.name = name;
    this.model = model;
    this.modelType = modelClass.modelType;
    this.#modelClass = modelClass;
    this.#modelJson = verified === undefined ? serialise(name, modelClass, model) : undefined;
    this.modelHash = verified?.modelHash ?? hashModelJson(this.#modelJson ?? "");
    const { bucket, key, hash, versionId } = trainDataset;
    this.trainDataset = Object.freeze({
      bucket,
      key,
      hash,
      ...(versionId === undefined ? {} : { versionId }),
    });
    this.pipelineGitCommitHash = readCommit(properties.pipelineGitCommitHash);
    const unknownKeys = verified === undefined ? "reject" : "keep";
    const copies = features.map((feature) => ({ ...feature }));
    this.features = checkFeatures(copies, `model ${name}`, unknownKeys);
    this.target = target && checkTarget({ ...target }, `model ${name}`, unknownKeys);
    this.metadata = verified === undefined ? copyMetadata(name, metadata) : deepFreeze(metadata);
    if (verified === undefined) {
      checkTexts(this, `model ${name}`);
    }
    this.#creationTime = creationTime.getTime();
  }

  /** Time of creation in UTC. */
  get creationTime(): Date {
    return new Date(this.#creationTime);
  }

  /**
   * Write the model to S3 as JSON. The key is `folder/name_2021-07-20T14:44:13.558Z.json`.
   *
   * The file has the hash of its content, `contentHash`. If the environment has `MODEL_SIGNING_KEY`, an ed25519 private
   * key in PEM, the file is signed.
   *
   * @returns The artefact that was written. With `skipUnchanged` and unchanged content, the existing artefact.
   * @throws {ArtefactExistsError} A model of the same millisecond exists, and `overwrite` was not given.
   * @throws {ArtefactChangedError} The object at the key does not have the ETag `ifMatch`.
   * @throws {ModelIntegrityError} `MODEL_SIGNING_KEY` is no ed25519 private key.
   * @throws {InvalidArtefactKeyError} The bucket or folder is invalid, or the year is not in 1 to 9999.
   * @throws {S3AccessError} S3 failed or denied access.
   */
  async putModelToS3(options: PutOptions): Promise<S3TimestampedArtefact> {
    checkOptions(options, PUT_OPTIONS);
    const filename = makeTimestampedFilename(this.name, this.creationTime, "json");
    const modelJson = this.#modelJson ?? serialise(this.name, this.#modelClass, this.model);
    const bytes = new TextEncoder().encode(renderModelFile(this, modelJson, readSigningKey()));
    return putObjectToS3(bytes, { ...options, filename });
  }

  /** One line with the model's name, type, creation time, hash, dataset and code version. */
  toString(): string {
    return [
      `name:${this.name}`,
      `model_type:${this.modelType}`,
      `model_timestamp:${this.creationTime.toISOString()}`,
      `model_hash:${this.modelHash}`,
      `train_dataset_key:${this.trainDataset.key}`,
      `train_dataset_hash:${this.trainDataset.hash}`,
      `pipeline_git_commit_hash:${this.pipelineGitCommitHash}`,
    ].join("|");
  }

  /** Whether `other` is a model with the same name, type, hash, dataset, commit and creation time. */
  equals(other: unknown): boolean {
    return (
      other instanceof Model &&
      this.trainDataset.bucket === other.trainDataset.bucket &&
      this.trainDataset.versionId === other.trainDataset.versionId &&
      this.toString() === other.toString()
    );
  }
}

/**
 * The commit that a new model records: the given one, else that of `GIT_COMMIT_HASH`, else `NA`.
 *
 * It is cleaned rather than rejected, so that a model that took hours to train is not lost.
 */
export function readCommit(commit = process.env.GIT_COMMIT_HASH ?? ""): string {
  // eslint-disable-next-line no-control-regex -- the expression replaces control characters
  const clean = commit.trim().replaceAll(/[|\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "_");
  return clean.slice(0, MAX_CHARACTERS.pipelineGitCommitHash) || "NA";
}

function serialise<M>(name: string, modelClass: ModelClass<M>, model: M): string {
  try {
    return canonicalJson(modelClass.toJSON(model));
  } catch (error) {
    if (error instanceof PipelineUtilsError && !(error instanceof SerialisationError)) {
      throw error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new SerialisationError(
      `model ${name} of type ${modelClass.modelType} cannot be written: ${reason}`,
      {
        cause: error,
      },
    );
  }
}

/** Copy the metadata, so that later changes to the caller's object have no effect. The copy is frozen, plain JSON. */
function copyMetadata(name: string, metadata: JsonObject): JsonObject {
  const copy = parseJson(canonicalMetadata(name, metadata));
  if (!isJsonObject(copy)) {
    throw argumentError("metadata", metadata, "an object");
  }
  return deepFreeze(copy);
}

function canonicalMetadata(name: string, metadata: JsonObject): string {
  try {
    return canonicalJson(metadata);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SerialisationError(`model ${name}: metadata cannot be written: ${reason}`, { cause: error });
  }
}

/**
 * Check the types of a model's properties, for callers without types.
 *
 * @throws {TypeError} The message names the property.
 */
function checkTypes(properties: unknown): void {
  checkOptions(properties, MODEL_PROPERTIES, "properties");
  const given = fieldsOf("properties", properties);
  const { modelClass, features, creationTime } = given;
  const { modelType, toJSON } = fieldsOf("modelClass", modelClass);
  if (typeof modelType !== "string") {
    throw argumentError("modelClass.modelType", modelType, "text");
  }
  if (typeof toJSON !== "function") {
    throw argumentError("modelClass.toJSON", toJSON, "a function");
  }
  checkOptions(given.trainDataset, DATASET_REFERENCE, "trainDataset");
  const dataset = fieldsOf("trainDataset", given.trainDataset);
  for (const name of ["bucket", "key", "hash"]) {
    if (typeof dataset[name] !== "string") {
      throw argumentError(`trainDataset.${name}`, dataset[name], "text");
    }
  }
  if (!Array.isArray(features)) {
    throw argumentError("features", features, "an array");
  }
  if (creationTime !== undefined && !isDate(creationTime)) {
    throw argumentError("creationTime", creationTime, "a Date");
  }
}

function fieldsOf(name: string, value: unknown): Record<string, unknown> {
  if (isObject(value)) {
    return value;
  }
  throw argumentError(name, value, "an object");
}
