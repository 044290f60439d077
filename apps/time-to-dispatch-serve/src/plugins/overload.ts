import underPressure from "@fastify/under-pressure";
import type { FastifyInstance } from "fastify";
import fastifyPlugin from "fastify-plugin";

/** The event loop may run so late, in milliseconds, before requests are turned away; a prediction takes less than one. */
const MAX_EVENT_LOOP_DELAY_MS = 500;

/**
 * Turns requests away with 503 and Retry-After while the process cannot keep up, instead of answering all of them too late.
 *
 * It holds for the routes of the context that it is registered in: predictions, and not health or metrics, which are needed most then.
 */
export const overload = fastifyPlugin(
  async (app: FastifyInstance) => {
    await app.register(underPressure, {
      maxEventLoopDelay: MAX_EVENT_LOOP_DELAY_MS,
      retryAfter: 1,
      message: "The service is too busy, try again later",
    });
  },
  { name: "overload" },
);
