import {
  ArtefactChangedError,
  ArtefactNotFoundError,
  FormatError,
  ModelIntegrityError,
  S3AccessError,
} from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { ModelRefusedError } from "./model-refused-error.js";
import type { ModelSource } from "./model-source.js";
import type { ModelOrigin, ServedModel } from "./served-model.js";

/**
 * What came of one look for a newer model: a new one is served; the newest is served, or was refused, already; there is none; the
 * newest is not one to serve; storage did not answer.
 */
export const REFRESH_OUTCOMES = ["loaded", "unchanged", "none", "refused", "failed"] as const;
export type RefreshOutcome = (typeof REFRESH_OUTCOMES)[number];

/** The newest model, if it is not one to serve, and why. */
interface Refused {
  readonly origin: ModelOrigin;
  readonly error: Error;
}

/** While nothing is served and the newest model is refused, so many of the newest are tried, the refused one among them. */
const MODELS_TRIED = 5;

/**
 * Holds the model that is served.
 *
 * A swap is one assignment, after the new model was read, verified and made ready: a request that holds the old model is answered
 * by it, the next one by the new. A model that fails a check is refused, and the last good one stays; where there is none yet, the
 * newest of a few older ones that passes is served, so that a bad upload does not take down what starts after it.
 */
export class ModelHolder {
  /** How often each outcome came about since the start. */
  readonly outcomes: Record<RefreshOutcome, number> = {
    loaded: 0,
    unchanged: 0,
    none: 0,
    refused: 0,
    failed: 0,
  };
  readonly #source: ModelSource;
  readonly #log: Logger;
  #current: ServedModel | undefined;
  #refused: Refused | undefined;
  /** Whether the models before the refused one were tried, and none of them will pass later. */
  #triedOlder = false;
  /** What was logged of the models before the refused one, which every look may find again. */
  readonly #toldOfOlder = new Set<string>();
  #trouble: string | undefined;

  constructor(source: ModelSource, log: Logger) {
    this.#source = source;
    this.#log = log;
  }

  /** The model to answer with; undefined as long as none was found. */
  get current(): ServedModel | undefined {
    return this.#current;
  }

  /** The address of the newest model, if it was refused. */
  get refusedAddress(): string | undefined {
    return this.#refused && `s3://${this.#refused.origin.bucket}/${this.#refused.origin.key}`;
  }

  /** Where models are looked for. */
  get address(): string {
    return this.#source.address;
  }

  /**
   * Serve the model of one key.
   *
   * @throws {PipelineUtilsError | ModelRefusedError} It cannot be had, or is not one to serve.
   */
  async pin(key: string, signal: AbortSignal): Promise<void> {
    this.#swap(await this.#source.load({ bucket: this.#source.bucket, key }, signal));
    this.outcomes.loaded += 1;
  }

  /**
   * Look for a newer model once and serve it: one listing, and one read if there is a newer one. If that is refused while nothing
   * is served, once: one more listing, and up to `MODELS_TRIED - 1` more reads.
   *
   * What is wrong is logged once, not with every look, and once when it is over.
   *
   * @throws Only if `signal` was aborted, with the reason of that, or if `rethrow` is set and storage did not answer.
   */
  async refresh(signal: AbortSignal, { rethrow = false } = {}): Promise<RefreshOutcome> {
    let outcome: RefreshOutcome;
    try {
      outcome = await this.#take(await this.#source.findNewest(signal), signal);
      // Any other outcome has a line of its own.
      if (this.#trouble !== undefined && outcome === "unchanged")
        this.#log.info(`The newest model could be looked for again - ${this.#whatIsServed()}`);
      this.#trouble = undefined;
    } catch (error) {
      if (rethrow && !(error instanceof ArtefactNotFoundError)) throw error;
      outcome = this.#note(error);
    }
    this.outcomes[outcome] += 1;
    return outcome;
  }

  async #take(newest: ModelOrigin, signal: AbortSignal): Promise<RefreshOutcome> {
    if (isSame(newest, this.#current?.origin)) {
      this.#refused = undefined;
      return "unchanged";
    }
    const known = isSame(newest, this.#refused?.origin) ? this.#refused : undefined;
    const error = known && !mayPassLater(known.error) ? known.error : await this.#tryOne(newest, signal);
    const refused = error && { origin: newest, error };
    this.#refused = refused;
    if (!refused) return "loaded";
    const isKnown = refused.error.message === known?.error.message;
    if (!isKnown) {
      this.#triedOlder = false;
      this.#toldOfOlder.clear();
      const remedy = this.#current ? this.#whatIsServed() : "looking for an older one";
      this.#log.error(`Refused the newest model - ${refused.error.message} - ${remedy}`);
    }
    const served = this.#current;
    if (served === undefined && !this.#triedOlder) await this.#takeOlder(refused, signal);
    return isKnown && this.#current === served ? "unchanged" : "refused";
  }

  /**
   * Serve the newest that passes of those before the refused one.
   *
   * @throws {S3AccessError | ArtefactNotFoundError} Storage gives none of them: that is not the models' fault, but most likely the
   *   credentials'.
   */
  async #takeOlder(refused: Refused, signal: AbortSignal): Promise<void> {
    const few = await this.#source.findNewestFew(MODELS_TRIED, signal);
    const errors = [refused.error];
    for (const origin of few) {
      if (isSame(origin, refused.origin)) continue;
      const error = await this.#tryOne(origin, signal);
      if (!error) break;
      errors.push(error);
      this.#tellOfOlder("warn", `Refused an older model too - ${error.message}`);
    }
    this.#triedOlder = !errors.some(mayPassLater);
    if (this.#current) {
      this.#log.warn(`Serving an older model, ${this.#current.address}, until a newer one passes`);
    } else if (errors.every(mayPassLater)) {
      throw errors.find(isDenial) ?? refused.error;
    } else {
      const tried = `None of the ${few.length} newest models in ${this.address} passes`;
      this.#tellOfOlder("error", `${tried} - ${this.#whatIsServed()}`);
    }
  }

  #tellOfOlder(level: "warn" | "error", message: string): void {
    if (!this.#toldOfOlder.has(message)) this.#log[level](message);
    this.#toldOfOlder.add(message);
  }

  /** @returns Why it is refused; undefined if it is served now. */
  async #tryOne(origin: ModelOrigin, signal: AbortSignal): Promise<Error | undefined> {
    try {
      this.#swap(await this.#source.load(origin, signal));
      return undefined;
    } catch (error) {
      if (isRefusal(error)) return error;
      throw error;
    }
  }

  #swap(model: ServedModel): void {
    this.#current = model;
    this.#log.info(`Successfully loaded model: ${model.version}`);
  }

  #note(error: unknown): RefreshOutcome {
    const reason = error instanceof Error ? error.message : String(error);
    const isEmpty = error instanceof ArtefactNotFoundError;
    const trouble = isEmpty ? `No model in ${this.address}` : `Could not look for a newer model - ${reason}`;
    if (trouble !== this.#trouble)
      this.#log[isEmpty ? "warn" : "error"](`${trouble} - ${this.#whatIsServed()}`);
    this.#trouble = trouble;
    return isEmpty ? "none" : "failed";
  }

  #whatIsServed(): string {
    return this.#current ? `still serving ${this.#current.address}` : "waiting for one, not ready";
  }
}

/** What is wrong with the model itself. One that was replaced since it was listed is found under its new ETag by the next look. */
function isRefusal(error: unknown): error is Error {
  return (
    mayPassLater(error) ||
    error instanceof ArtefactChangedError ||
    error instanceof ModelIntegrityError ||
    error instanceof FormatError ||
    error instanceof ModelRefusedError
  );
}

/** That storage does not let be read what it has listed, or does not have it: without a new upload that may be otherwise later. */
function mayPassLater(error: unknown): error is Error {
  return isDenial(error) || error instanceof ArtefactNotFoundError;
}

/** That storage, which has listed the model, does not let it be read: it is another account's, encrypted with its own key, archived. */
function isDenial(error: unknown): error is S3AccessError {
  return error instanceof S3AccessError && !error.retryable;
}

function isSame(one: ModelOrigin, other: ModelOrigin | undefined): boolean {
  return one.key === other?.key && one.etag === other.etag;
}
