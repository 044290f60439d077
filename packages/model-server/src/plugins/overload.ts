import type { FastifyInstance } from "fastify";
import { HttpError } from "../errors.js";

/**
 * Turns requests away with 503 and Retry-After while the process cannot keep up, instead of answering all of them too late.
 *
 * It holds for the routes of the context that it is registered in: predictions, and not health or metrics, which are needed most then.
 *
 * @param isLate - Whether the process cannot keep up; asked for every request.
 */
export function overload(app: FastifyInstance, { isLate }: { isLate: () => boolean }): void {
  app.addHook("onRequest", (_request, _reply, next) => {
    next(isLate() ? new HttpError(503, "The service is too busy, try again later") : undefined);
  });
}
