import {
  ArtefactChangedError,
  findLatestArtefactOnS3,
  getAlias,
  getModelFromS3,
  latestAcceptedTimestamp,
  listArtefacts,
} from "@ml-pipelines/pipeline-utils/aws";
import type {
  S3CallOptions,
  S3TimestampedArtefact,
  StoredAlias,
  TransferProgress,
} from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { ModelRefusedError } from "../errors.js";
import type { ServiceDefinition } from "../options.js";
import { admitModel } from "./admit-model.js";
import { addressOf } from "./served-model.js";
import type { ModelOrigin, ServedModel } from "./served-model.js";

/** The folder of the bucket that training writes models to. */
export const MODELS_FOLDER = "models";

/** The greatest size of a model's file. Reading one takes many times its size in memory. */
const MAX_MODEL_BYTES = 8 * 1_048_576;

const LOG_EVERY_MS = 5_000;

/** Where models are looked for. */
export interface ModelSourceOptions {
  readonly service: ServiceDefinition;
  readonly bucket: string;
  readonly allowFuture: boolean;
  readonly client: NonNullable<S3CallOptions["client"]>;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** Reads models for the service, and keeps none. */
export class ModelSource {
  readonly bucket: string;
  /** The address of a file that is passed over, because it is dated more than a day ahead of the clock. */
  futureAddress: string | undefined;
  readonly #options: ModelSourceOptions;

  constructor(options: ModelSourceOptions) {
    this.bucket = options.bucket;
    this.#options = options;
  }

  /** `s3://bucket/models`, where models are looked for. */
  get address(): string {
    return `s3://${this.bucket}/${MODELS_FOLDER}`;
  }

  /**
   * Find the newest model without reading it: a handful of requests, however many models there are.
   *
   * A file dated more than a day ahead of the clock is passed over, which takes as many requests again. The log names it once.
   *
   * @throws {ArtefactNotFoundError} There is no model.
   */
  async findNewest(signal: AbortSignal): Promise<ModelOrigin> {
    const newest = await findLatestArtefactOnS3("json", this.bucket, this.#where(signal, undefined));
    const limit = this.#limit();
    if (limit === undefined || newest.timestamp <= limit) {
      this.futureAddress = undefined;
      return originOf(newest);
    }
    if (this.futureAddress !== newest.address) {
      this.futureAddress = newest.address;
      this.#options.log.warn(
        `Passed over ${newest.address}: it is dated more than a day ahead of the clock; --allow-future would serve it`,
      );
    }
    return originOf(await findLatestArtefactOnS3("json", this.bucket, this.#where(signal, limit)));
  }

  /** Find all models without reading them, newest first: one listing for every 1,000 objects of the name. */
  async *findAll(signal: AbortSignal): AsyncGenerator<ModelOrigin> {
    for await (const artefact of listArtefacts("json", this.bucket, this.#where(signal, this.#limit()))) {
      yield originOf(artefact);
    }
  }

  /**
   * Read an alias of the service's models: one conditional request.
   *
   * @param known - As it was read before; this very object is returned if the alias has not moved since.
   * @returns Undefined if there is none.
   * @throws {FormatError} The object at its key is no alias.
   */
  async readAlias(
    alias: string,
    known: StoredAlias | undefined,
    signal: AbortSignal,
  ): Promise<StoredAlias | undefined> {
    const { service, client } = this.#options;
    return getAlias(this.bucket, service.name, alias, { client, signal, known });
  }

  /**
   * Read and verify one model: the very object that was listed, or that an alias names, to the byte.
   *
   * @throws {ArtefactChangedError} Another is at its key now, or its bytes are not those recorded, twice.
   * @throws {ModelIntegrityError | FormatError | ModelRefusedError} It is not one to serve.
   * @throws {S3AccessError} Storage denies it, or does not answer.
   */
  async load(origin: ModelOrigin, signal: AbortSignal): Promise<ServedModel> {
    try {
      return await this.#read(origin, signal);
    } catch (error) {
      // The network may have damaged it. If storage did, the second read fails too.
      if (error instanceof ArtefactChangedError) {
        return this.#read(origin, signal);
      }
      throw error;
    }
  }

  async #read(origin: ModelOrigin, signal: AbortSignal): Promise<ServedModel> {
    const { bucket, key, etag, versionId, sha256 } = origin;
    const { service, client, log } = this.#options;
    const address = addressOf(origin);
    const tooLarge = new AbortController();
    const logProgress = logDownload(log, address);
    const onProgress = (progress: TransferProgress): void => {
      const { bytesTotal = 0 } = progress;
      if (bytesTotal <= MAX_MODEL_BYTES) {
        logProgress(progress);
        return;
      }
      const size = `${bytesTotal} bytes, expected at most ${MAX_MODEL_BYTES}`;
      tooLarge.abort(new ModelRefusedError(`${address}: the model's file has ${size}`));
    };
    const options = {
      client,
      signal: AbortSignal.any([signal, tooLarge.signal]),
      etag,
      versionId,
      sha256,
      onProgress,
      forService: true,
    };
    return admitModel(await getModelFromS3(service.modelClasses, bucket, key, options), origin, service);
  }

  #where(signal: AbortSignal, notAfter: Date | undefined) {
    const { service, client } = this.#options;
    return { folder: MODELS_FOLDER, filenamePrefix: service.name, client, signal, notAfter };
  }

  /** The latest date that a file may have; undefined for any. */
  #limit(): Date | undefined {
    return this.#options.allowFuture ? undefined : latestAcceptedTimestamp();
  }
}

function originOf({ bucket, key, etag }: S3TimestampedArtefact): ModelOrigin {
  return { bucket, key, etag };
}

/** Logs the progress of a download every five seconds: a small model's, never. */
function logDownload(log: Pick<Logger, "info">, address: string): (progress: TransferProgress) => void {
  let loggedAt = performance.now();
  return ({ bytesDone, bytesTotal }) => {
    if (performance.now() - loggedAt < LOG_EVERY_MS) {
      return;
    }
    loggedAt = performance.now();
    const total = bytesTotal?.toLocaleString("en") ?? "?";
    log.info(`Downloading ${address}: ${bytesDone.toLocaleString("en")} of ${total} bytes`);
  };
}
