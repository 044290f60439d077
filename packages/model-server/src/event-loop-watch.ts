import { monitorEventLoopDelay } from "node:perf_hooks";

/** Mean event-loop delay, in ms, above which requests get 503. A prediction takes less than one. */
const MAX_EVENT_LOOP_DELAY_MS = 250;
/** Time over which the delay is averaged, in ms. */
const SAMPLE_MS = 1_000;
/** Interval of the measurement, in ms. The measured times include it. */
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
      // The mean is NaN if the loop was so late that nothing was measured.
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
