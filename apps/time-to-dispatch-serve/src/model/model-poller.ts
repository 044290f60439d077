import type { ModelHolder } from "./model-holder.js";

/** One look may take so long, in milliseconds; it comes before the next one, never beside it. */
export const LOOK_TIMEOUT_MS = 12_000;

/** Follows the newest model: after every pause, one look. */
export class ModelPoller {
  readonly #holder: ModelHolder;
  readonly #pauseMs: number;
  #timer: NodeJS.Timeout | undefined;
  #look: AbortController | undefined;
  #stopped = false;

  /** @param pollSeconds - From the end of one look to the start of the next. */
  constructor(holder: ModelHolder, pollSeconds: number) {
    this.#holder = holder;
    this.#pauseMs = pollSeconds * 1_000;
  }

  /** Start the first pause. */
  start(): void {
    this.#timer = setTimeout(() => void this.#poll(), this.#pauseMs);
  }

  /** No further look; one under way is given up. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#look?.abort(new Error("the service is shutting down"));
  }

  async #poll(): Promise<void> {
    const look = new AbortController();
    this.#look = look;
    const timeout = setTimeout(() => {
      look.abort(new Error(`no answer from ${this.#holder.address} within ${LOOK_TIMEOUT_MS / 1_000} s`));
    }, LOOK_TIMEOUT_MS);
    await this.#holder.refresh(look.signal);
    clearTimeout(timeout);
    if (!this.#stopped) this.start();
  }
}
