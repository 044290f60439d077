import { TemporaryError } from "@ml-pipelines/pipeline-utils/stage";
import type { ModelHolder } from "./model-holder.js";

/** The time limit of one look for a newer model. */
const LOOK_TIMEOUT_MS = 12_000;

/** Decides when the holder looks for a model: once at the start, then after every pause. */
export class ModelFollower {
  readonly #holder: ModelHolder;
  readonly #pauseMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** @param pollSeconds - From the end of one look to the start of the next. */
  constructor(holder: ModelHolder, pollSeconds: number) {
    this.#holder = holder;
    this.#pauseMs = pollSeconds * 1_000;
  }

  /**
   * Load the first model: the one of a key, or the newest, for which there may be none yet.
   *
   * @param signal - Gives up.
   * @throws {TemporaryError} Storage gave no answer in time.
   * @throws {PipelineUtilsError | ModelRefusedError} Storage cannot be used, or the pinned model cannot be served.
   */
  async loadFirst(modelKey: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const look = startLook(this.#holder);
    const giveUp = (): void => {
      look.abort(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      if (modelKey === undefined) {
        await this.#holder.refresh(look.signal, { rethrow: true });
      } else {
        await this.#holder.pin(modelKey, look.signal);
      }
    } catch (error) {
      throw look.signal.aborted ? look.signal.reason : error;
    } finally {
      look.end();
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Start the first pause. */
  start(): void {
    this.#timer = setTimeout(() => void this.#poll(), this.#pauseMs);
  }

  /** Start no further look. One under way may end, and serve its model for the rest of the process's life. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #poll(): Promise<void> {
    const look = startLook(this.#holder);
    await this.#holder.refresh(look.signal);
    look.end();
    if (!this.#isStopped) {
      this.start();
    }
  }
}

/** A look that is aborted when its time is up. */
function startLook(holder: ModelHolder) {
  const controller = new AbortController();
  const timeout = setTimeout(() => {
    controller.abort(
      new TemporaryError(`no answer from ${holder.address} within ${LOOK_TIMEOUT_MS / 1_000} s`),
    );
  }, LOOK_TIMEOUT_MS);
  return {
    signal: controller.signal,
    abort: (reason: unknown): void => {
      controller.abort(reason);
    },
    end: (): void => {
      clearTimeout(timeout);
    },
  };
}
