import { ModelIntegrityError } from "../../errors.js";
import { addressOf } from "../artefacts/location.js";
import type { DatasetReference } from "../datasets/dataset.js";
import { checkNamePrefix } from "../timestamped-key.js";
import { canonicalJson } from "./canonical-json.js";
import { checkFeatures, checkTarget } from "./feature.js";
import type { Feature, Target } from "./feature.js";
import { isJsonObject, parseJson, showJson } from "./json-value.js";
import type { JsonObject, JsonValue } from "./json-value.js";

const FORMAT = "pipeline-utils/model";
const FORMAT_VERSION = 1;

/** What a model's file says beside the model itself. */
export interface ModelHeader {
  readonly name: string;
  readonly modelType: string;
  /** UTC. */
  readonly creationTime: Date;
  /** MD5, in hex, of the canonical JSON of the model. */
  readonly modelHash: string;
  readonly trainDataset: DatasetReference;
  readonly pipelineGitCommitHash: string;
  /** In column order. */
  readonly features: readonly Feature[];
  readonly target: Target | undefined;
  readonly metadata: JsonObject;
}

/** A model's file, its shape checked; `model` is still anyone's JSON. */
export interface ModelFile extends ModelHeader {
  readonly model: JsonValue;
  /** `model` as canonical JSON: what is hashed. */
  readonly modelJson: string;
}

/**
 * Write a model's file.
 *
 * @param modelJson - The model's canonical JSON, put into the file as it is: what is hashed is what is stored.
 */
export function renderModelFile(header: ModelHeader, modelJson: string): string {
  const {
    name,
    modelType,
    creationTime,
    modelHash,
    trainDataset,
    pipelineGitCommitHash,
    features,
    target,
    metadata,
  } = header;
  const head = JSON.stringify({
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    name,
    modelType,
    creationTime: creationTime.toISOString(),
    modelHash,
    trainDataset,
    pipelineGitCommitHash,
    features,
    target,
    metadata,
  });
  return `${head.slice(0, -1)},"model":${modelJson}}\n`;
}

/**
 * Read a model's file and check its shape. Nothing in it is run.
 *
 * @throws {ModelIntegrityError} Not JSON, not a model's file, of another version, or with a field missing or of another type.
 */
export function parseModelFile(bytes: Uint8Array, bucket: string, key: string): ModelFile {
  const address = addressOf(bucket, key);
  const file = parseFile(bytes, address);
  if (file.format !== FORMAT) {
    throw new ModelIntegrityError(`${address}: format is ${showJson(file.format)}, expected "${FORMAT}"`);
  }
  if (file.formatVersion !== FORMAT_VERSION) {
    throw new ModelIntegrityError(
      `${address}: formatVersion is ${showJson(file.formatVersion)}, expected ${FORMAT_VERSION}`,
    );
  }
  const text = (object: JsonObject, field: string): string => {
    const value = object[field];
    if (typeof value === "string" && value !== "") {
      return value;
    }
    throw new ModelIntegrityError(`${address}: ${field} is ${showJson(value)}, expected text`);
  };
  const object = (field: string): JsonObject => {
    const value = file[field];
    if (isJsonObject(value)) {
      return value;
    }
    throw new ModelIntegrityError(`${address}: ${field} is ${showJson(value)}, expected an object`);
  };
  const creationTime = new Date(text(file, "creationTime"));
  // The one form that is written: anything else would be read in some machine's local time.
  if (Number.isNaN(creationTime.getTime()) || creationTime.toISOString() !== file.creationTime) {
    throw new ModelIntegrityError(
      `${address}: creationTime is ${showJson(file.creationTime)}, expected one as 2021-07-20T14:44:13.558Z`,
    );
  }
  const dataset = object("trainDataset");
  const trainDataset = {
    bucket: text(dataset, "bucket"),
    key: text(dataset, "key"),
    hash: text(dataset, "hash"),
  };
  const { model } = file;
  if (model === undefined) {
    throw new ModelIntegrityError(`${address}: there is no model in it`);
  }
  const name = text(file, "name");
  const metadata = object("metadata");
  refuseWhatThrows(`${address}: name`, () => {
    checkNamePrefix(name);
  });
  refuseWhatThrows(`${address}: metadata`, () => canonicalJson(metadata));
  return {
    name,
    modelType: text(file, "modelType"),
    creationTime,
    modelHash: text(file, "modelHash"),
    trainDataset:
      dataset.versionId === undefined
        ? trainDataset
        : { ...trainDataset, versionId: text(dataset, "versionId") },
    pipelineGitCommitHash: text(file, "pipelineGitCommitHash"),
    features: checkFeatures(file.features, address, "keep"),
    target: file.target === undefined ? undefined : checkTarget(file.target, address, "keep"),
    metadata,
    model,
    modelJson: refuseWhatThrows(`${address}: model`, () => canonicalJson(model)),
  };
}

/** JSON may hold numbers beyond every double, as `1e400`: these and all else that cannot be used make the file a bad one. */
function refuseWhatThrows<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelIntegrityError(`${where}: ${reason}`, { cause: error });
  }
}

function parseFile(bytes: Uint8Array, address: string): JsonObject {
  try {
    const value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isJsonObject(value)) {
      return value;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelIntegrityError(`${address}: not JSON: ${reason}`, { cause: error });
  }
  throw new ModelIntegrityError(`${address}: not a JSON object`);
}
