import type { FastifyInstance } from "fastify";
import fastifyPlugin from "fastify-plugin";
import type { ServiceMetrics } from "../metrics/service-metrics.js";

/** Counts every request, errors among them, and how long it took. */
export const requestMetrics = fastifyPlugin(
  (app: FastifyInstance, { metrics }: { metrics: ServiceMetrics }, done: () => void) => {
    app.addHook("onResponse", (request, reply, next) => {
      const route = request.routeOptions.url ?? "unmatched";
      metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
      next();
    });
    done();
  },
  { name: "request-metrics" },
);
