import { createHash } from "node:crypto";

import { checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import { ArtefactChangedError } from "../../errors.js";
import { readAll } from "../artefacts/get/body.js";
import { getObject } from "../artefacts/get/get-object.js";
import { clientOf } from "../artefacts/headers.js";
import { addressOf, checkBucket, checkKey } from "../artefacts/location.js";
import { SEARCH_OPTIONS, TRANSFER_OPTIONS } from "../artefacts/options.js";
import type { SearchOptions, TransferOptions } from "../artefacts/options.js";
import { readLatest } from "../artefacts/get/read-latest.js";
import type { ModelClass } from "./model-class.js";
import { parseModelFile } from "./model-file.js";
import { classOf, loadModel } from "./load-model.js";
import { loadForService } from "./load-for-service.js";
import type { LoadedModel } from "./load-for-service.js";
import { Model } from "./model.js";

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
    toModel(await readAll(body), [modelClass].flat(), bucket, artefact.key),
  );
}

/** Options of {@link getModelFromS3}. */
export interface GetModelOptions extends TransferOptions {
  /** Expected ETag without quotes. Any other object at the key is rejected. Default: the current object is read. */
  readonly etag?: string | undefined;
  /** A version that the bucket keeps. Default: the current one. */
  readonly versionId?: string | undefined;
  /** Expected sha256 of the whole file, in hex, as an alias records it. Default: any. */
  readonly sha256?: string | undefined;
  /**
   * Load as a service must: large models in a thread of their class, and with limits on texts and sizes. Default: false.
   */
  readonly forService?: boolean | undefined;
}

const GET_MODEL_OPTIONS: OptionKinds<GetModelOptions> = {
  etag: "text",
  versionId: "text",
  sha256: "text",
  forService: "boolean",
  ...TRANSFER_OPTIONS,
};

/**
 * Get one model by its key. Everything else is as for {@link getLatestModelFromS3}.
 *
 * @throws {ArtefactNotFoundError} The object or version does not exist.
 * @throws {ArtefactChangedError} The object has another ETag than `etag`, its bytes have another `sha256`, or they are
 *   damaged.
 */
export async function getModelFromS3<M>(
  modelClass: ModelClass<M> | readonly ModelClass<M>[],
  bucket: string,
  key: string,
  options: GetModelOptions = {},
): Promise<Model<M>> {
  checkOptions(options, GET_MODEL_OPTIONS);
  const { etag, versionId, sha256, signal, onProgress, forService } = options;
  const client = clientOf(options);
  checkKey(checkBucket(bucket), key);
  const body = await getObject({ bucket, key, etag, versionId }, { client, signal, onProgress });
  const bytes = await readAll(body);
  const found = sha256 === undefined ? undefined : createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256) {
    throw new ArtefactChangedError(`${addressOf(bucket, key)}: its sha256 is ${found}, expected ${sha256}`);
  }
  const accepted = [modelClass].flat();
  return forService === true
    ? makeModel(await loadForService(bytes, accepted, bucket, key, signal))
    : toModel(bytes, accepted, bucket, key);
}

async function toModel<M>(
  bytes: Uint8Array,
  accepted: readonly ModelClass<M>[],
  bucket: string,
  key: string,
): Promise<Model<M>> {
  const address = addressOf(bucket, key);
  const file = parseModelFile(bytes, bucket, key);
  const modelClass = classOf(file, accepted, address);
  return makeModel({ header: file, modelClass, model: await loadModel(file, modelClass, address) });
}

function makeModel<M>({ header, modelClass, model }: LoadedModel<M>): Model<M> {
  const { name, trainDataset, features, target, metadata, creationTime, pipelineGitCommitHash } = header;
  const properties = { name, trainDataset, features, target, metadata, creationTime, pipelineGitCommitHash };
  return new Model({ ...properties, model, modelClass }, header);
}
