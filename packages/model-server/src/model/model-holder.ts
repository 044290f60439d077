import {
  ArtefactChangedError,
  ArtefactNotFoundError,
  FormatError,
  ModelIntegrityError,
  S3AccessError,
} from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { ForeignModelError, ModelRefusedError } from "../errors.js";
import type { ModelSource } from "./model-source.js";
import type { ModelOrigin, ServedModel } from "./served-model.js";

/**
 * The outcome of one look for a newer model: a new one is served; nothing changed; there is none; the newest is refused for the
 * first time; storage did not answer.
 */
export const REFRESH_OUTCOMES = ["loaded", "unchanged", "none", "refused", "failed"] as const;
export type RefreshOutcome = (typeof REFRESH_OUTCOMES)[number];

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
 * Holds the model that is served.
 *
 * The rule: the newest of the five newest models that passes is served. It depends on the bucket alone, so that replicas agree whenever
 * they started. Where none of the five passes, a replica keeps the model that it has. A file with another model's name in it is not one
 * of the five.
 *
 * A swap is one assignment, after the new model was read, verified and made ready. A request that holds the old model is answered by
 * it, the next one by the new.
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
  /** Names the models, for messages. */
  readonly name: string;
  readonly #source: ModelSource;
  readonly #log: Logger;
  #current: ServedModel | undefined;
  /** The newest model, if it is refused. */
  #refused: Refusal | undefined;
  /** The refused models among the five newest, by key and ETag: a file that failed is not read again. */
  #refusals = new Map<string, Refusal>();
  /** The last line logged because none of the five passes. Every look may find the same. */
  #loggedFailure: string | undefined;
  #trouble: string | undefined;

  constructor(name: string, source: ModelSource, log: Logger) {
    this.name = name;
    this.#source = source;
    this.#log = log;
  }

  /** The model to answer with; undefined as long as none was found. */
  get current(): ServedModel | undefined {
    return this.#current;
  }

  /** The newest model, if it was refused, and why. */
  get refusal(): { readonly address: string; readonly reason: string } | undefined {
    return this.#refused && { address: addressOf(this.#refused.origin), reason: this.#refused.error.message };
  }

  /** Why a model was refused; undefined if it was not, or was not tried. */
  reasonOf(origin: ModelOrigin): string | undefined {
    return this.#refusals.get(idOf(origin))?.error.message;
  }

  /** Find all models without reading them, newest first. */
  findAll(signal: AbortSignal): AsyncGenerator<ModelOrigin> {
    return this.#source.findAll(signal);
  }

  /** The address of a model that is passed over, because it is dated more than a day ahead of the clock. */
  get futureAddress(): string | undefined {
    return this.#source.futureAddress;
  }

  /** Where models are looked for. */
  get address(): string {
    return this.#source.address;
  }

  /**
   * Serve the model of one key.
   *
   * @throws {PipelineUtilsError | ModelRefusedError} It cannot be read, or is not one to serve.
   */
  async pin(key: string, signal: AbortSignal): Promise<void> {
    try {
      this.#swap(await this.#source.load({ bucket: this.#source.bucket, key }, signal));
    } catch (error) {
      // It came damaged twice: a third attempt will not help.
      throw error instanceof ArtefactChangedError
        ? new ModelRefusedError(error.message, { cause: error })
        : error;
    }
    this.outcomes.loaded += 1;
  }

  /**
   * Look for a newer model once, and serve it: one listing, and one read if there is a newer one. While the newest is refused, one
   * more listing, and a read for each of the five newest that was not read before.
   *
   * The log names each fault once, not with every look, and says once that it is over.
   *
   * @throws Only if `signal` was aborted, with its reason, or if `rethrow` is set and storage did not answer.
   */
  async refresh(signal: AbortSignal, { rethrow = false } = {}): Promise<RefreshOutcome> {
    let outcome: RefreshOutcome;
    try {
      outcome = await this.#look(signal);
      // Any other outcome has a line of its own.
      if (this.#trouble !== undefined && outcome === "unchanged") {
        this.#log.info(`The newest model could be looked for again - ${this.#whatIsServed()}`);
      }
      this.#trouble = undefined;
    } catch (error) {
      if (rethrow && !(error instanceof ArtefactNotFoundError)) {
        throw error;
      }
      outcome = this.#note(error);
    }
    this.outcomes[outcome] += 1;
    return outcome;
  }

  async #look(signal: AbortSignal): Promise<RefreshOutcome> {
    const newest = await this.#source.findNewest(signal);
    const before = this.#current;
    const known = this.#refusals.get(idOf(newest));
    const error = await this.#tryOne(newest, signal);
    if (error === undefined) {
      this.#forgetRefusals();
      return this.#current === before ? "unchanged" : "loaded";
    }
    this.#refused = { origin: newest, error };
    const isNews = error.message !== known?.error.message;
    if (isNews) {
      const remedy = before ? this.#whatIsServed() : "looking for an older one";
      this.#log.error(`Refused the newest model - ${error.message} - ${remedy}`);
    }
    await this.#tryOlder(this.#refused, signal);
    if (isNews) {
      return "refused";
    }
    return this.#current === before ? "unchanged" : "loaded";
  }

  /**
   * Serve the newest that passes of those before the refused one.
   *
   * @throws {S3AccessError | ArtefactNotFoundError} Nothing is served, and storage gives none of the five: most likely the
   *   credentials are wrong, not the models.
   */
  async #tryOlder(newest: Refusal, signal: AbortSignal): Promise<void> {
    const refusals = [newest];
    const before = this.#current;
    let isFound = false;
    for await (const origin of this.#source.findAll(signal)) {
      if (isSame(origin, newest.origin)) {
        continue;
      }
      if (refusals.length >= MAX_FILES_READ || refusals.filter(isOwn).length >= MAX_MODELS_TRIED) {
        break;
      }
      const known = this.#refusals.get(idOf(origin));
      const error = await this.#tryOne(origin, signal);
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
      if (this.#current !== before) {
        this.#log.warn(`Serving an older model, ${this.#current?.address}, until a newer one passes`);
      }
      return;
    }
    const errors = refusals.map(({ error }) => error);
    if (this.#current === undefined && errors.every(mayPassLater)) {
      throw errors.find(isDenial) ?? newest.error;
    }
    const tried = `None of the ${refusals.length} newest models in ${this.address} passes`;
    const failure = `${tried} - ${this.#whatIsServed()}`;
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
  async #tryOne(origin: ModelOrigin, signal: AbortSignal): Promise<Error | undefined> {
    if (isSame(origin, this.#current?.origin)) {
      return undefined;
    }
    const known = this.#refusals.get(idOf(origin));
    if (known !== undefined && !mayPassLater(known.error)) {
      return known.error;
    }
    try {
      this.#swap(await this.#source.load(origin, signal));
      return undefined;
    } catch (error) {
      if (isRefusal(error)) {
        return error;
      }
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
    const trouble = isEmpty
      ? `No model named ${this.name} in ${this.address}`
      : `Could not look for a newer model - ${reason}`;
    if (trouble !== this.#trouble) {
      this.#log[isEmpty ? "warn" : "error"](`${trouble} - ${this.#whatIsServed()}`);
    }
    this.#trouble = trouble;
    return isEmpty ? "none" : "failed";
  }

  #whatIsServed(): string {
    return this.#current ? `still serving ${this.#current.address}` : "waiting for one, not ready";
  }
}

/** A fault of the model itself. The next look finds a model that was replaced under its new ETag. */
function isRefusal(error: unknown): error is Error {
  return (
    mayPassLater(error) ||
    error instanceof ArtefactChangedError ||
    error instanceof ModelIntegrityError ||
    error instanceof FormatError ||
    error instanceof ModelRefusedError
  );
}

/** Storage listed the model but denied or lost it. This can resolve without a new upload, so it is retried. */
function mayPassLater(error: unknown): error is Error {
  return isDenial(error) || error instanceof ArtefactNotFoundError;
}

/** Storage listed the model and denies to read it: it is another account's, encrypted with its own key, or archived. */
function isDenial(error: unknown): error is S3AccessError {
  return error instanceof S3AccessError && !error.retryable;
}

/** Whether the refused model has the service's own name, as far as its file could be read. */
function isOwn({ error }: Refusal): boolean {
  return !(error instanceof ForeignModelError);
}

function isSame(one: ModelOrigin, other: ModelOrigin | undefined): boolean {
  return one.key === other?.key && one.etag === other.etag;
}

function idOf({ key, etag = "" }: ModelOrigin): string {
  return `${etag} ${key}`;
}

function addressOf({ bucket, key }: ModelOrigin): string {
  return `s3://${bucket}/${key}`;
}
