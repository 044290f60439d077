import { ModelIntegrityError } from "../../errors.js";
import { addressOf } from "../artefacts/location.js";
import type { DatasetReference } from "../datasets/dataset.js";
import { checkNamePrefix } from "../timestamped-key.js";
import { canonicalJson } from "./canonical-json.js";
import { seal } from "./custody.js";
import type { ModelSignature, SealedContent } from "./custody.js";
import { checkFeatures, checkTarget } from "./feature.js";
import type { Feature, Target } from "./feature.js";
import { isJsonObject, parseJson, showJson } from "./json-value.js";
import type { JsonObject, JsonValue } from "./json-value.js";
import type { SigningKey } from "./signing-keys.js";

const FORMAT = "pipeline-utils/model";
const FORMAT_VERSION = 1;

/** The fields of a model's file, except the model itself. */
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

/** A model's file after a check of its shape. `model` is still untrusted JSON, and no hash is checked yet. */
export interface ModelFile extends ModelHeader, SealedContent {
  readonly model: JsonValue;
  /** `model` as canonical JSON, which is what `modelHash` hashes. */
  readonly modelJson: string;
}

/**
 * Write a model's file.
 *
 * @param modelJson - The model's canonical JSON. It is inserted unchanged, so that the stored bytes are the hashed
 *   ones.
 * @param key - Signs the file. undefined: the file is not signed.
 */
export function renderModelFile(header: ModelHeader, modelJson: string, key: SigningKey | undefined): string {
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
  // Parsed again, because the hash must be of the values as they are written.
  return renderSealed(parseFields(head), modelJson, key);
}

/**
 * Write a file with the fields that prove it.
 *
 * @param fields - All other fields, in the order in which they are written. The field `model` is ignored; the model comes last.
 */
export function renderSealed(fields: JsonObject, modelJson: string, key: SigningKey | undefined): string {
  const { contentHash, signedBy } = seal(fields, modelJson, key);
  const texts = Object.entries(fields)
    .filter(([name]) => name !== "model")
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  texts.push(`"model":${modelJson}`, `"contentHash":${JSON.stringify(contentHash)}`);
  if (signedBy !== undefined) {
    texts.push(`"signedBy":${JSON.stringify(signedBy)}`);
  }
  return `{${texts.join(",")}}\n`;
}

function parseFields(text: string): JsonObject {
  const value = parseJson(text);
  if (isJsonObject(value)) {
    return value;
  }
  throw new SyntaxError("not a JSON object");
}

/**
 * Parse a model's file and check its shape. Nothing in it is run.
 *
 * @throws {ModelIntegrityError} The file is not JSON, not a model, has another version, or a field is missing or has
 *   the wrong type.
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
  const text = (object: JsonObject, field: string): string => textIn(object, field, address);
  const object = (field: string): JsonObject => objectIn(file, field, address);
  const creationTime = new Date(text(file, "creationTime"));
  // Accept only the form that is written. JavaScript reads some other forms as local time.
  if (Number.isNaN(creationTime.getTime()) || creationTime.toISOString() !== file.creationTime) {
    throw new ModelIntegrityError(
      `${address}: creationTime is ${showJson(file.creationTime)}, expected the form 2021-07-20T14:44:13.558Z`,
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
  checkOrReject(`${address}: name`, () => {
    checkNamePrefix(name);
  });
  checkOrReject(`${address}: metadata`, () => canonicalJson(metadata));
  const features = checkFeatures(file.features, address, "keep");
  const target = file.target === undefined ? undefined : checkTarget(file.target, address, "keep");
  const modelJson = checkOrReject(`${address}: model`, () => canonicalJson(model));
  // Fields that this version does not know are hashed and signed too.
  checkOrReject(address, () => canonicalJson({ ...file, model: null }));
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
    ...{ features, target, metadata, model, modelJson, fields: file },
    contentHash: file.contentHash === undefined ? undefined : text(file, "contentHash"),
    signedBy: file.signedBy === undefined ? undefined : parseSignature(object("signedBy"), address),
  };
}

function parseSignature(signedBy: JsonObject, address: string): ModelSignature {
  const where = `${address}: signedBy`;
  return { keyId: textIn(signedBy, "keyId", where), ed25519: textIn(signedBy, "ed25519", where) };
}

function textIn(object: JsonObject, field: string, where: string): string {
  const value = object[field];
  if (typeof value === "string" && value !== "") {
    return value;
  }
  throw new ModelIntegrityError(`${where}: ${field} is ${showJson(value)}, expected text`);
}

function objectIn(file: JsonObject, field: string, where: string): JsonObject {
  const value = file[field];
  if (isJsonObject(value)) {
    return value;
  }
  throw new ModelIntegrityError(`${where}: ${field} is ${showJson(value)}, expected an object`);
}

/**
 * Convert errors to ModelIntegrityError. For example, JSON may contain numbers beyond every double, such as `1e400`.
 */
function checkOrReject<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelIntegrityError(`${where}: ${reason}`, { cause: error });
  }
}

function parseFile(bytes: Uint8Array, address: string): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelIntegrityError(`${address}: not JSON: ${reason}`, { cause: error });
  }
  if (isJsonObject(value)) {
    return value;
  }
  throw new ModelIntegrityError(`${address}: not a JSON object`);
}
