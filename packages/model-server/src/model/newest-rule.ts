import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { ForeignModelError } from "../errors.js";
import { isDenial, isRefusal, isSame, mayPassLater } from "./model-rule.js";
import type { ModelRule, ModelSlot, RefreshOutcome } from "./model-rule.js";
import type { ModelSource } from "./model-source.js";
import { addressOf } from "./served-model.js";
import type { ModelOrigin } from "./served-model.js";

/** A model that is not served, and why. */
interface Refusal {
  readonly origin: ModelOrigin;
  readonly error: Error;
}

/** Limit on the models tried in a look while the newest is refused. The refused one counts. */
const MAX_MODELS_TRIED = 5;
/** Limit on the files read in such a look. Files with another model's name in them do not count among the five. */
const MAX_FILES_READ = 20;

/**
 * The newest of the five newest models that passes is served.
 *
 * It depends on the bucket alone, so that replicas agree whenever they started. Where none of the five passes, a replica keeps the
 * model that it has. A file with another model's name in it is not one of the five.
 */
export class NewestRule implements ModelRule {
  readonly alias = undefined;
  readonly messages: ModelRule["messages"];
  readonly #source: ModelSource;
  readonly #log: Logger;
  /** The newest model, if it is refused. */
  #refused: Refusal | undefined;
  /** The refused models among the five newest, by key and ETag: a file that failed is not read again. */
  #refusals = new Map<string, Refusal>();
  /** The last line logged because none of the five passes. Every look may find the same. */
  #loggedFailure: string | undefined;

  /** @param name - Names the models, for messages. */
  constructor(name: string, source: ModelSource, log: Logger) {
    this.#source = source;
    this.#log = log;
    this.messages = {
      none: `No model named ${name} in ${source.address}`,
      failed: "Could not look for a newer model",
      recovered: "The newest model could be looked for again",
    };
  }

  get address(): string {
    return this.#source.address;
  }

  get wanted(): string {
    return `newest model of ${this.address}/`;
  }

  get refusal(): ModelRule["refusal"] {
    return this.#refused && { address: addressOf(this.#refused.origin), reason: this.#refused.error.message };
  }

  reasonOf(origin: ModelOrigin): string | undefined {
    return this.#refusals.get(idOf(origin))?.error.message;
  }

  /**
   * One listing, and one read if there is a newer model. While the newest is refused, one more listing, and a read for each of the
   * five newest that was not read before.
   */
  async look(slot: ModelSlot, signal: AbortSignal): Promise<RefreshOutcome> {
    const newest = await this.#source.findNewest(signal);
    const before = slot.current;
    const known = this.#refusals.get(idOf(newest));
    const error = await this.#tryOne(newest, slot, signal);
    if (error === undefined) {
      this.#forgetRefusals();
      return slot.current === before ? "unchanged" : "loaded";
    }
    this.#refused = { origin: newest, error };
    const isNews = error.message !== known?.error.message;
    if (isNews) {
      const remedy = before ? slot.describe() : "looking for an older one";
      this.#log.error(`Refused the newest model - ${error.message} - ${remedy}`);
    }
    await this.#tryOlder(this.#refused, slot, signal);
    if (isNews) {
      return "refused";
    }
    return slot.current === before ? "unchanged" : "loaded";
  }

  /**
   * Serve the newest that passes of those before the refused one.
   *
   * @throws {S3AccessError | ArtefactNotFoundError} Nothing is served, and storage gives none of the five: most likely the
   *   credentials are wrong, not the models.
   */
  async #tryOlder(newest: Refusal, slot: ModelSlot, signal: AbortSignal): Promise<void> {
    const refusals = [newest];
    const before = slot.current;
    let isFound = false;
    for await (const origin of this.#source.findAll(signal)) {
      if (isSame(origin, newest.origin)) {
        continue;
      }
      if (refusals.length >= MAX_FILES_READ || refusals.filter(isOwn).length >= MAX_MODELS_TRIED) {
        break;
      }
      const known = this.#refusals.get(idOf(origin));
      const error = await this.#tryOne(origin, slot, signal);
      isFound = error === undefined;
      if (error === undefined) {
        break;
      }
      // Each fault of a model is logged once, also if the model was the newest before.
      if (error.message !== known?.error.message) {
        this.#log.warn(`Refused an older model too - ${error.message}`);
      }
      refusals.push({ origin, error });
    }
    this.#refusals = new Map(refusals.map((refusal) => [idOf(refusal.origin), refusal]));
    if (isFound) {
      if (slot.current !== before) {
        this.#log.warn(`Serving an older model, ${slot.current?.address}, until a newer one passes`);
      }
      return;
    }
    const errors = refusals.map(({ error }) => error);
    if (slot.current === undefined && errors.every(mayPassLater)) {
      throw errors.find(isDenial) ?? newest.error;
    }
    const tried = `None of the ${refusals.length} newest models in ${this.address} passes`;
    const failure = `${tried} - ${slot.describe()}`;
    if (failure !== this.#loggedFailure) {
      this.#log.error(failure);
    }
    this.#loggedFailure = failure;
  }

  #forgetRefusals(): void {
    this.#refused = undefined;
    this.#refusals.clear();
    this.#loggedFailure = undefined;
  }

  /** @returns Why it is refused; undefined if it is served now. */
  async #tryOne(origin: ModelOrigin, slot: ModelSlot, signal: AbortSignal): Promise<Error | undefined> {
    if (isSame(origin, slot.current?.origin)) {
      return undefined;
    }
    const known = this.#refusals.get(idOf(origin));
    if (known !== undefined && !mayPassLater(known.error)) {
      return known.error;
    }
    try {
      slot.swap(await this.#source.load(origin, signal));
      return undefined;
    } catch (error) {
      if (isRefusal(error)) {
        return error;
      }
      throw error;
    }
  }
}

/** Whether the refused model has the service's own name, as far as its file could be read. */
function isOwn({ error }: Refusal): boolean {
  return !(error instanceof ForeignModelError);
}

function idOf({ key, etag = "" }: ModelOrigin): string {
  return `${etag} ${key}`;
}
