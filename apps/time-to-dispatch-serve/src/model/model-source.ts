import {
  type createS3Client,
  findLatestArtefactOnS3,
  getModelFromS3,
  listArtefacts,
} from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { logDownload } from "./log-download.js";
import type { ModelOrigin, ServedModel } from "./served-model.js";
import { verifyModel } from "./verify-model.js";

/** The folder of the bucket that training writes models to. */
export const MODELS_FOLDER = "models";

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
   * @throws {ArtefactChangedError} Another is at its key now.
   * @throws {ModelIntegrityError | FormatError | ModelRefusedError} It is not one to serve.
   */
  async load(origin: ModelOrigin, signal: AbortSignal): Promise<ServedModel> {
    const onProgress = logDownload(this.#log, `s3://${origin.bucket}/${origin.key}`);
    const options = { client: this.#client, signal, etag: origin.etag, onProgress };
    return verifyModel(await getModelFromS3(dtRegression, origin.bucket, origin.key, options), origin);
  }
}
