import { checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { ModelIntegrityError } from "../../errors.js";
import { readAll } from "../artefacts/get/body.js";
import { getObject } from "../artefacts/get/get-object.js";
import { clientOf } from "../artefacts/headers.js";
import { addressOf, checkBucket, checkKey } from "../artefacts/location.js";
import { SEARCH_OPTIONS, TRANSFER_OPTIONS } from "../artefacts/options.js";
import type { SearchOptions, TransferOptions } from "../artefacts/options.js";
import { readLatest } from "../artefacts/get/read-latest.js";
import { checkContentHash, checkSignature } from "./custody.js";
import type { VerificationCheck } from "./custody.js";
import type { ModelClass } from "./model-class.js";
import { parseModelFile } from "./model-file.js";
import type { ModelFile } from "./model-file.js";
import { Model, hashModelJson } from "./model.js";
import { readPublicKeys } from "./signing-keys.js";

/**
 * Get the latest model of a folder.
 *
 * "Latest" is the greatest timestamp in the file's name, not S3's LastModified. Loading runs no code from the file.
 *
 * If the environment has `MODEL_PUBLIC_KEYS`, ed25519 public keys in PEM, only models that one of them has signed are
 * loaded.
 *
 * @param modelClass - The accepted type of model, or several.
 * @param bucket - Name, without `s3://`.
 * @throws {ArtefactNotFoundError} The folder has no timestamped `.json` file.
 * @throws {ArtefactChangedError} The object was replaced or damaged twice.
 * @throws {ModelIntegrityError} The file is not a model, has another type, or has the wrong hash or shape. With public
 *   keys also: it is unsigned, or its signature is wrong.
 * @throws {S3AccessError} S3 failed or denied access.
 *
 * @example
 * ```ts
 * import { getLatestModelFromS3 } from "@ml-pipelines/pipeline-utils";
 * import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
 *
 * const latest = await getLatestModelFromS3(dtRegression, "my-bucket", { folder: "models" });
 * console.log(latest.trainDataset.key, latest.model.predict([[120]]));
 * ```
 *
 * prints
 *
 * ```
 * datasets/orders_2021-07-03T23:05:32.csv [ 1.5 ]
 * ```
 */
export async function getLatestModelFromS3<M>(
  modelClass: ModelClass<M> | readonly ModelClass<M>[],
  bucket: string,
  options: SearchOptions & TransferOptions = {},
): Promise<Model<M>> {
  checkOptions(options, { ...SEARCH_OPTIONS, ...TRANSFER_OPTIONS });
  return readLatest("json", bucket, options, async (artefact, body) =>
    loadModel(await readAll(body), modelClass, bucket, artefact.key),
  );
}

/** Options of {@link getModelFromS3}. */
export interface GetModelOptions extends TransferOptions {
  /** Expected ETag without quotes. Any other object at the key is rejected. Default: the current object is read. */
  readonly etag?: string | undefined;
}

const GET_MODEL_OPTIONS: OptionKinds<GetModelOptions> = { etag: "text", ...TRANSFER_OPTIONS };

/**
 * Get one model by its key. Everything else is as for {@link getLatestModelFromS3}.
 *
 * @throws {ArtefactNotFoundError} The object does not exist.
 * @throws {ArtefactChangedError} The object has another ETag than `etag`, or its bytes are damaged.
 */
export async function getModelFromS3<M>(
  modelClass: ModelClass<M> | readonly ModelClass<M>[],
  bucket: string,
  key: string,
  options: GetModelOptions = {},
): Promise<Model<M>> {
  checkOptions(options, GET_MODEL_OPTIONS);
  const { etag, signal, onProgress } = options;
  const client = clientOf(options);
  checkKey(checkBucket(bucket), key);
  const body = await getObject({ bucket, key, etag }, { client, signal, onProgress });
  return loadModel(await readAll(body), modelClass, bucket, key);
}

function loadModel<M>(
  bytes: Uint8Array,
  accepted: ModelClass<M> | readonly ModelClass<M>[],
  bucket: string,
  key: string,
): Model<M> {
  const address = addressOf(bucket, key);
  const file = parseModelFile(bytes, bucket, key);
  const modelClasses = [accepted].flat();
  const modelClass = modelClasses.find(({ modelType }) => modelType === file.modelType);
  if (modelClass === undefined) {
    const expected = modelClasses.map(({ modelType }) => JSON.stringify(modelType)).join(" or ");
    throw new ModelIntegrityError(`${address}: modelType is "${file.modelType}", expected ${expected}`);
  }
  const hash = hashModelJson(file.modelJson);
  if (hash !== file.modelHash) {
    throw new ModelIntegrityError(
      `${address}: modelHash is ${file.modelHash}, but the model's hash is ${hash}`,
    );
  }
  rejectFailed(checkContentHash(file, address));
  rejectFailed(checkSignature(file, readPublicKeys(), address));
  const loaded = makeModel(file, modelClass, address);
  if (loaded.modelHash !== hash) {
    throw new ModelIntegrityError(
      `${address}: loading its model changed it: its hash is now ${loaded.modelHash}`,
    );
  }
  return loaded;
}

function rejectFailed({ name, status, detail }: VerificationCheck): void {
  if (status === "failed") {
    throw new ModelIntegrityError(`${detail} (${name})`);
  }
}

function makeModel<M>(file: ModelFile, modelClass: ModelClass<M>, address: string): Model<M> {
  try {
    const { name, trainDataset, features, target, metadata, creationTime, pipelineGitCommitHash } = file;
    const model = modelClass.fromJSON(file.model, features);
    const header = { name, trainDataset, features, target, metadata, creationTime, pipelineGitCommitHash };
    return new Model({ ...header, model, modelClass }, "keep");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelIntegrityError(`${address}: ${reason}`, { cause: error });
  }
}
