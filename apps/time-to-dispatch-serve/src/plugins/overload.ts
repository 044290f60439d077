import underPressure from "@fastify/under-pressure";
import type { FastifyInstance } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { HttpError } from "../http-error.js";

/** The event loop may run so late on average, in milliseconds, before requests are turned away; a prediction takes less than one. */
const MAX_EVENT_LOOP_DELAY_MS = 250;

/**
 * Turns requests away with 503 and Retry-After while the process cannot keep up, instead of answering all of them too late.
 *
 * It holds for the routes of the context that it is registered in: predictions, and not health or metrics, which are needed most then.
 */
export const overload = fastifyPlugin(
  async (app: FastifyInstance) => {
    // Only its measurements, taken every second: its own hook costs every request twice what this one does.
    await app.register(underPressure);
    app.addHook("onRequest", (_request, _reply, next) => {
      const isLate = app.memoryUsage().eventLoopDelay > MAX_EVENT_LOOP_DELAY_MS;
      next(isLate ? new HttpError(503, "The service is too busy, try again later") : undefined);
    });
  },
  { name: "overload" },
);
