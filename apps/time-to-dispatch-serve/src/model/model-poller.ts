import type { ModelHolder } from "./model-holder.js";

/** One look may take so long, in milliseconds; it comes before the next one, never beside it. */
export const LOOK_TIMEOUT_MS = 12_000;

/** Follows the newest model: after every pause, one look. */
export class ModelPoller {
  readonly #holder: ModelHolder;
  readonly #pauseMs: number;
  #timer: NodeJS.Timeout | undefined;
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

  /** No further look; one under way may end, and serve its model for what is left of the process. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #poll(): Promise<void> {
    const look = new AbortController();
    const timeout = setTimeout(() => {
      look.abort(new Error(`no answer from ${this.#holder.address} within ${LOOK_TIMEOUT_MS / 1_000} s`));
    }, LOOK_TIMEOUT_MS);
    await this.#holder.refresh(look.signal);
    clearTimeout(timeout);
    if (!this.#stopped) this.start();
  }
}
