import { setImmediate } from "node:timers/promises";

/** Time after which the work on a large request pauses, in ms. */
const SLICE_MS = 2;

/** Divides the work on a large request into slices, so that small requests are answered in between. */
export class TimeSlice {
  #begin = performance.now();

  /** Whether to pause; asked after each step. */
  get isOver(): boolean {
    return performance.now() - this.#begin >= SLICE_MS;
  }

  /** Let the event loop go round once. */
  async pause(): Promise<void> {
    await setImmediate();
    this.#begin = performance.now();
  }
}
