import { monitorEventLoopDelay } from "node:perf_hooks";
import type { FastifyInstance } from "fastify";
import { HttpError } from "../http-error.js";

/** The event loop may run so late on average, in milliseconds, before requests are turned away; a prediction takes less than one. */
const MAX_EVENT_LOOP_DELAY_MS = 250;
/** The delay is averaged over so long, in milliseconds. */
const SAMPLE_MS = 1_000;
/** And measured this often, which the measured times include. */
const RESOLUTION_MS = 10;

/**
 * Turns requests away with 503 and Retry-After while the process cannot keep up, instead of answering all of them too late.
 *
 * It holds for the routes of the context that it is registered in: predictions, and not health or metrics, which are needed most then.
 */
export function overload(app: FastifyInstance): void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let isLate = false;
  const sampling = setInterval(() => {
    // Not a number where not even the measuring got its turn.
    isLate = !(delays.mean / 1e6 - RESOLUTION_MS <= MAX_EVENT_LOOP_DELAY_MS);
    delays.reset();
  }, SAMPLE_MS).unref();
  app.addHook("onClose", async () => {
    clearInterval(sampling);
    delays.disable();
  });
  app.addHook("onRequest", (_request, _reply, next) => {
    next(isLate ? new HttpError(503, "The service is too busy, try again later") : undefined);
  });
}
