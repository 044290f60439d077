import { ArtefactChangedError, ArtefactNotFoundError, FormatError } from "@ml-pipelines/pipeline-utils/aws";
import type { StoredAlias } from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { isDenial, isRefusal, isSame, mayPassLater } from "./model-rule.js";
import type { FollowedAlias, ModelRule, ModelSlot, RefreshOutcome } from "./model-rule.js";
import type { ModelSource } from "./model-source.js";
import { addressOf } from "./served-model.js";
import type { ModelOrigin } from "./served-model.js";

/** A model that the alias names and that is not served, or an alias that cannot be read. */
interface Refusal {
  /** ETag of the alias; undefined if it cannot be read. */
  readonly etag: string | undefined;
  readonly address: string;
  readonly error: Error;
}

/**
 * The model that an alias of the registry names is served, to the byte.
 *
 * While the alias does not move, a look is one conditional GET. An alias that names a model which is not one to serve changes
 * nothing: the last good model stays.
 */
export class AliasRule implements ModelRule {
  readonly address: string;
  readonly wanted: string;
  readonly messages: ModelRule["messages"];
  readonly #source: ModelSource;
  readonly #alias: string;
  readonly #log: Logger;
  /** As it was read last. */
  #known: StoredAlias | undefined;
  /** As it was when it named the model that is served. */
  #followed: StoredAlias | undefined;
  #refused: Refusal | undefined;

  /**
   * @param name - Name of the models.
   * @param alias - `production`.
   */
  constructor(name: string, alias: string, source: ModelSource, log: Logger) {
    this.#source = source;
    this.#alias = alias;
    this.#log = log;
    this.address = `s3://${source.bucket}/registry/${name}/${alias}.json`;
    this.wanted = `model of the alias ${this.address}`;
    this.messages = {
      none: `There is no alias ${this.address}`,
      failed: `Could not follow the alias ${alias}`,
      recovered: `The alias ${alias} could be followed again`,
    };
  }

  get refusal(): ModelRule["refusal"] {
    return this.#refused && { address: this.#refused.address, reason: this.#refused.error.message };
  }

  get alias(): FollowedAlias | undefined {
    const { alias: name, sequence, model } = this.#followed ?? {};
    return name === undefined || sequence === undefined || model === undefined
      ? undefined
      : { name, sequence, key: model.key };
  }

  reasonOf(origin: ModelOrigin): string | undefined {
    return this.#refused?.address === addressOf(origin) ? this.#refused.error.message : undefined;
  }

  async look(slot: ModelSlot, signal: AbortSignal): Promise<RefreshOutcome> {
    let alias: StoredAlias | undefined;
    try {
      alias = await this.#source.readAlias(this.#alias, this.#known, signal);
    } catch (error) {
      if (error instanceof FormatError) {
        return this.#refuse({ etag: undefined, address: this.address, error }, slot);
      }
      throw error;
    }
    this.#known = alias;
    if (alias === undefined) {
      this.#refused = undefined;
      throw new ArtefactNotFoundError(this.messages.none);
    }
    if (this.#refused?.etag === alias.etag && !mayBeMended(this.#refused.error)) {
      return "unchanged";
    }
    return this.#follow(alias, slot, signal);
  }

  async #follow(alias: StoredAlias, slot: ModelSlot, signal: AbortSignal): Promise<RefreshOutcome> {
    // Without its ETag: a copy with the same bytes may have another one.
    const { key, sha256, versionId } = alias.model;
    const origin: ModelOrigin = { bucket: this.#source.bucket, key, sha256, versionId };
    const isServed = isSame(origin, slot.current?.origin);
    if (!isServed) {
      try {
        slot.swap(await this.#source.load(origin, signal));
      } catch (error) {
        // With nothing to serve, denied access is most likely a fault of the credentials.
        if (!isRefusal(error) || (slot.current === undefined && isDenial(error))) {
          throw error;
        }
        return this.#refuse({ etag: alias.etag, address: addressOf(origin), error }, slot);
      }
    }
    if (this.#followed?.etag !== alias.etag || this.#refused !== undefined) {
      const { sequence, actor, reason } = alias;
      this.#log.info(`Following alias ${this.#alias}: sequence ${sequence}, ${key}, by ${actor}: ${reason}`);
    }
    this.#followed = alias;
    this.#refused = undefined;
    return isServed ? "unchanged" : "loaded";
  }

  #refuse(refusal: Refusal, slot: ModelSlot): RefreshOutcome {
    const isNews = refusal.error.message !== this.#refused?.error.message;
    this.#refused = refusal;
    if (isNews) {
      const { message } = refusal.error;
      this.#log.error(`Refused the model of alias ${this.#alias} - ${message} - ${slot.describe()}`);
    }
    return isNews ? "refused" : "unchanged";
  }
}

/** Whether the named bytes may be there at a later look. The same bytes are refused again, so they are not read again. */
function mayBeMended(error: Error): boolean {
  return error instanceof ArtefactChangedError || mayPassLater(error);
}
