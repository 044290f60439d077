import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { EventLoopWatch } from "../src/event-loop-watch.js";

/** Keep the event loop so busy that each turn of it takes a given time. */
async function keepBusy(turnMs: number, milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    const turn = Date.now() + turnMs;
    while (Date.now() < turn) {
      // Only the time passes.
    }
    await new Promise(setImmediate);
  }
}

describe("EventLoopWatch", () => {
  let watch: EventLoopWatch;
  beforeEach(() => {
    watch = new EventLoopWatch();
  });
  afterEach(() => {
    watch.stop();
  });

  test("reports a late loop until it is no longer late", async () => {
    expect(watch.isLate).toBe(false);
    await keepBusy(400, 2_500);
    expect(watch.isLate).toBe(true);
    // However long that takes on a machine that is busy with something else.
    while (watch.isLate) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  test("reports a late loop even when its own measurement is delayed", async () => {
    await keepBusy(1_500, 3_000);
    expect(watch.isLate).toBe(true);
  });
});
