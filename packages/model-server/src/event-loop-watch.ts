import { monitorEventLoopDelay } from "node:perf_hooks";

/** The event loop may run so late on average, in milliseconds, before requests are turned away; a prediction takes less than one. */
const MAX_EVENT_LOOP_DELAY_MS = 250;
/** The delay is averaged over so long, in milliseconds. */
const SAMPLE_MS = 1_000;
/** And measured this often, which the measured times include. */
const RESOLUTION_MS = 10;

/** Measures whether the process keeps up with what it is asked to do. */
export class EventLoopWatch {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #sampling: NodeJS.Timeout;
  #isLate = false;

  /** Starts to measure; it does not keep the process alive. */
  constructor() {
    this.#delays.enable();
    this.#sampling = setInterval(() => {
      // Not a number where not even the measuring got its turn.
      this.#isLate = !(this.#delays.mean / 1e6 - RESOLUTION_MS <= MAX_EVENT_LOOP_DELAY_MS);
      this.#delays.reset();
    }, SAMPLE_MS).unref();
  }

  /** Whether the event loop was too late in the last full second. */
  get isLate(): boolean {
    return this.#isLate;
  }

  stop(): void {
    clearInterval(this.#sampling);
    this.#delays.disable();
  }
}
