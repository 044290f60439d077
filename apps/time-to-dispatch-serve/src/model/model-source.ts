import {
  ArtefactChangedError,
  type createS3Client,
  findLatestArtefactOnS3,
  getModelFromS3,
  listArtefacts,
  type TransferProgress,
} from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { logDownload } from "./log-download.js";
import { ModelRefusedError } from "./model-refused-error.js";
import type { ModelOrigin, ServedModel } from "./served-model.js";
import { verifyModel } from "./verify-model.js";

/** The folder of the bucket that training writes models to. */
export const MODELS_FOLDER = "models";

/** Of a model's file, hundreds of times those that training writes: to read one takes many times its size in memory. */
const MAX_MODEL_BYTES = 8 * 1_048_576;

type S3Client = ReturnType<typeof createS3Client>;

/** What reads models for the service; it keeps nothing. */
export class ModelSource {
  readonly bucket: string;
  readonly #client: S3Client;
  readonly #log: Pick<Logger, "info">;

  constructor(bucket: string, client: S3Client, log: Pick<Logger, "info">) {
    this.bucket = bucket;
    this.#client = client;
    this.#log = log;
  }

  /** `s3://bucket/models`, where the newest model is looked for. */
  get address(): string {
    return `s3://${this.bucket}/${MODELS_FOLDER}`;
  }

  /**
   * Find the newest model without reading it: a handful of requests, however many models there are.
   *
   * @throws {ArtefactNotFoundError} There is no model.
   */
  async findNewest(signal: AbortSignal): Promise<ModelOrigin> {
    const { bucket, key, etag } = await findLatestArtefactOnS3("json", this.bucket, {
      folder: MODELS_FOLDER,
      client: this.#client,
      signal,
    });
    return { bucket, key, etag };
  }

  /**
   * Find some of the newest models without reading them, newest first: one listing for every 1,000 objects of the folder.
   *
   * @param count - How many at most.
   */
  async findNewestFew(count: number, signal: AbortSignal): Promise<ModelOrigin[]> {
    const found: ModelOrigin[] = [];
    const options = { folder: MODELS_FOLDER, client: this.#client, signal };
    for await (const { bucket, key, etag } of listArtefacts("json", this.bucket, options)) {
      if (found.push({ bucket, key, etag }) >= count) break;
    }
    return found;
  }

  /**
   * Read and verify one model: the very object that was listed, where it was.
   *
   * @throws {ArtefactChangedError} Another is at its key now, or its bytes are not those recorded, twice.
   * @throws {ModelIntegrityError | FormatError | ModelRefusedError} It is not one to serve.
   * @throws {S3AccessError} Storage denies it, or does not answer.
   */
  async load(origin: ModelOrigin, signal: AbortSignal): Promise<ServedModel> {
    try {
      return await this.#read(origin, signal);
    } catch (error) {
      // It may have been damaged on its way; what is damaged in storage is so again.
      if (error instanceof ArtefactChangedError) return this.#read(origin, signal);
      throw error;
    }
  }

  async #read(origin: ModelOrigin, signal: AbortSignal): Promise<ServedModel> {
    const { bucket, key, etag } = origin;
    const address = `s3://${bucket}/${key}`;
    const tooLarge = new AbortController();
    const log = logDownload(this.#log, address);
    const onProgress = (progress: TransferProgress): void => {
      const { bytesTotal = 0 } = progress;
      if (bytesTotal <= MAX_MODEL_BYTES) {
        log(progress);
        return;
      }
      const size = `${bytesTotal} bytes, expected at most ${MAX_MODEL_BYTES}`;
      tooLarge.abort(new ModelRefusedError(`${address}: the model's file has ${size}`));
    };
    const either = AbortSignal.any([signal, tooLarge.signal]);
    const options = { client: this.#client, signal: either, etag, onProgress };
    return verifyModel(await getModelFromS3(dtRegression, bucket, key, options), origin);
  }
}
