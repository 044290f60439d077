import { ModelIntegrityError } from "../../errors.js";
import { readAll } from "../artefacts/get/body.js";
import { getObject } from "../artefacts/get/get-object.js";
import { addressOf, checkBucket, checkKey } from "../artefacts/location.js";
import type { SearchOptions, TransferOptions } from "../artefacts/options.js";
import { readLatest } from "../artefacts/get/read-latest.js";
import { defaultS3Client } from "../client.js";
import type { ModelClass } from "./model-class.js";
import { parseModelFile } from "./model-file.js";
import type { ModelFile } from "./model-file.js";
import { Model, hashModelJson } from "./model.js";

/**
 * Get the latest model of a folder.
 *
 * "Latest" is the greatest timestamp in the file's name, not S3's LastModified. Loading runs no code from the file.
 *
 * @param modelClass - The type of model that is accepted, or several.
 * @param bucket - Name, without `s3://`.
 * @throws {ArtefactNotFoundError} No timestamped `.json` in the folder.
 * @throws {ArtefactChangedError} It was replaced, or came damaged, twice.
 * @throws {ModelIntegrityError} Not a model's file, of another type, or one whose hash or shape is not what it claims.
 * @throws {S3AccessError}
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
  return readLatest("json", bucket, options, async (artefact, body) =>
    loadModel(await readAll(body), modelClass, bucket, artefact.key),
  );
}

/** Which object to get, and how. */
export interface GetModelOptions extends TransferOptions {
  /** That of the object which was listed, without quotes; any other at the key is refused. Default: whatever is there now. */
  readonly etag?: string | undefined;
}

/**
 * Get one model by its key; all else as for {@link getLatestModelFromS3}.
 *
 * @throws {ArtefactNotFoundError} No such object.
 * @throws {ArtefactChangedError} It is not the one of `etag`, or came damaged.
 */
export async function getModelFromS3<M>(
  modelClass: ModelClass<M> | readonly ModelClass<M>[],
  bucket: string,
  key: string,
  { etag, client = defaultS3Client(), signal, onProgress }: GetModelOptions = {},
): Promise<Model<M>> {
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
  const loaded = makeModel(file, modelClass, address);
  if (loaded.modelHash !== hash) {
    throw new ModelIntegrityError(
      `${address}: loading its model changed it: its hash is now ${loaded.modelHash}`,
    );
  }
  return loaded;
}

function makeModel<M>(file: ModelFile, modelClass: ModelClass<M>, address: string): Model<M> {
  try {
    return new Model({ ...file, model: modelClass.fromJSON(file.model, file.features), modelClass }, "keep");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelIntegrityError(`${address}: ${reason}`, { cause: error });
  }
}
