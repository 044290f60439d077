import { parseTimestampedKey } from "@ml-pipelines/pipeline-utils/aws";
import { HttpError } from "../errors.js";
import type { KnownModels } from "../schemas/service.js";
import type { ModelHolder } from "./model-holder.js";
import type { ModelOrigin } from "./served-model.js";

/** More would not fit on a screen. */
const MAX_LISTED = 10;
/** A listing is used for so long, however many ask. */
const KEEP_MS = 30_000;
const LISTING_TIMEOUT_MS = 5_000;

/** The newest models in storage, for people. Storage is listed at most once in 30 s, and when another model is served. */
export class ModelList {
  readonly #holder: ModelHolder;
  #origins: Promise<ModelOrigin[]> | undefined;
  #listedAt = 0;
  /** The model that was served when storage was listed. */
  #listedFor: unknown;

  constructor(holder: ModelHolder) {
    this.#holder = holder;
  }

  /**
   * The newest ten models, newest first, and what became of each.
   *
   * @throws {HttpError} 503: storage gave no list.
   */
  async list(): Promise<KnownModels["models"]> {
    const origins = await this.#listed();
    const { current } = this.#holder;
    const servedAt = origins.findIndex(({ key }) => key === current?.origin.key);
    return origins.map((origin, index) => {
      const reason = this.#holder.reasonOf(origin);
      const isRefused = reason !== undefined && index !== servedAt;
      const place = servedAt !== -1 && index > servedAt ? "earlier" : "newer";
      return {
        address: `s3://${origin.bucket}/${origin.key}`,
        timestamp: parseTimestampedKey(origin.key)?.timestamp.toISOString() ?? "",
        status: index === servedAt ? "served" : isRefused ? "refused" : place,
        ...(isRefused && { reason }),
      };
    });
  }

  async #listed(): Promise<ModelOrigin[]> {
    const { current } = this.#holder;
    const isOld = performance.now() - this.#listedAt > KEEP_MS || this.#listedFor !== current;
    if (this.#origins === undefined || isOld) {
      this.#listedAt = performance.now();
      this.#listedFor = current;
      this.#origins = this.#read();
    }
    try {
      return await this.#origins;
    } catch {
      this.#origins = undefined;
      throw new HttpError(503, "Storage gave no list of models, try again later");
    }
  }

  async #read(): Promise<ModelOrigin[]> {
    const origins: ModelOrigin[] = [];
    for await (const origin of this.#holder.findAll(AbortSignal.timeout(LISTING_TIMEOUT_MS))) {
      origins.push(origin);
      if (origins.length >= MAX_LISTED) {
        break;
      }
    }
    return origins;
  }
}
