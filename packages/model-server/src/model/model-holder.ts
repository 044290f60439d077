import { ArtefactChangedError, ArtefactNotFoundError } from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import { ModelRefusedError } from "../errors.js";
import type { FollowedAlias, ModelRule, ModelSlot, RefreshOutcome } from "./model-rule.js";
import type { ModelSource } from "./model-source.js";
import type { ModelOrigin, ServedModel } from "./served-model.js";

/**
 * Holds the model that is served; a rule says which it should be.
 *
 * A swap is one assignment, after the new model was read, verified and made ready. A request that holds the old model is answered by
 * it, the next one by the new.
 */
export class ModelHolder implements ModelSlot {
  /** How often each outcome came about since the start. */
  readonly outcomes: Record<RefreshOutcome, number> = {
    loaded: 0,
    unchanged: 0,
    none: 0,
    refused: 0,
    failed: 0,
  };
  readonly #rule: ModelRule;
  readonly #source: ModelSource;
  readonly #log: Logger;
  #current: ServedModel | undefined;
  #trouble: string | undefined;

  constructor(rule: ModelRule, source: ModelSource, log: Logger) {
    this.#rule = rule;
    this.#source = source;
    this.#log = log;
  }

  /** The model to answer with; undefined as long as none was found. */
  get current(): ServedModel | undefined {
    return this.#current;
  }

  /** The model that should be served, if it was refused, and why. */
  get refusal(): ModelRule["refusal"] {
    return this.#rule.refusal;
  }

  /** The decision about an alias that is carried out; undefined if there is none. */
  get alias(): FollowedAlias | undefined {
    return this.#rule.alias;
  }

  /** Why a model was refused; undefined if it was not, or was not tried. */
  reasonOf(origin: ModelOrigin): string | undefined {
    return this.#rule.reasonOf(origin);
  }

  /** Find all models without reading them, newest first. */
  findAll(signal: AbortSignal): AsyncGenerator<ModelOrigin> {
    return this.#source.findAll(signal);
  }

  /** The address of a model that is passed over, because it is dated more than a day ahead of the clock. */
  get futureAddress(): string | undefined {
    return this.#source.futureAddress;
  }

  /** Where the rule looks. */
  get address(): string {
    return this.#rule.address;
  }

  /**
   * Serve the model of one key.
   *
   * @throws {PipelineUtilsError | ModelRefusedError} It cannot be read, or is not one to serve.
   */
  async pin(key: string, signal: AbortSignal): Promise<void> {
    try {
      this.swap(await this.#source.load({ bucket: this.#source.bucket, key }, signal));
    } catch (error) {
      // It came damaged twice: a third attempt will not help.
      throw error instanceof ArtefactChangedError
        ? new ModelRefusedError(error.message, { cause: error })
        : error;
    }
    this.outcomes.loaded += 1;
  }

  /**
   * Look once for the model that should be served, and serve it.
   *
   * The log names each fault once, not with every look, and says once that it is over.
   *
   * @throws Only if `signal` was aborted, with its reason, or if `rethrow` is set and storage did not answer.
   */
  async refresh(signal: AbortSignal, { rethrow = false } = {}): Promise<RefreshOutcome> {
    let outcome: RefreshOutcome;
    try {
      outcome = await this.#rule.look(this, signal);
      // Any other outcome has a line of its own.
      if (this.#trouble !== undefined && outcome === "unchanged") {
        this.#log.info(`${this.#rule.messages.recovered} - ${this.describe()}`);
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

  swap(model: ServedModel): void {
    this.#current = model;
    this.#log.info(`Successfully loaded model: ${model.version}`);
  }

  describe(): string {
    return this.#current ? `still serving ${this.#current.address}` : "waiting for one, not ready";
  }

  #note(error: unknown): RefreshOutcome {
    const reason = error instanceof Error ? error.message : String(error);
    const isEmpty = error instanceof ArtefactNotFoundError;
    const { none, failed } = this.#rule.messages;
    const trouble = isEmpty ? none : `${failed} - ${reason}`;
    if (trouble !== this.#trouble) {
      this.#log[isEmpty ? "warn" : "error"](`${trouble} - ${this.describe()}`);
    }
    this.#trouble = trouble;
    return isEmpty ? "none" : "failed";
  }
}
