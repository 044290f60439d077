import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** Features with a value outside the range that the model was trained on, in any row of the request. */
    extrapolated: Set<string> | undefined;
  }
}

/** A header must stay short, whatever the model's features are called. */
const MAX_NAMES = 10;

/** Tells in `x-model-extrapolates` which inputs of an answered request lie outside the range of the training data. */
export function extrapolation(app: FastifyInstance): void {
  app.decorateRequest("extrapolated", undefined);
  app.addHook("onSend", (request, reply, payload, next) => {
    const { extrapolated } = request;
    if (extrapolated !== undefined && reply.statusCode < 400) {
      const names = [...extrapolated].slice(0, MAX_NAMES).map((name) => encodeURIComponent(name));
      const more = extrapolated.size > MAX_NAMES ? ["..."] : [];
      reply.header("x-model-extrapolates", [...names, ...more].join(", "));
    }
    next(null, payload);
  });
}
