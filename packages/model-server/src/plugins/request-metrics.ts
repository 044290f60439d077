import type { FastifyInstance } from "fastify";
import type { ServiceMetrics } from "../metrics/service-metrics.js";
import type { Tally } from "../metrics/tally.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route's durations by status, kept with the route so that they are found without building a key. */
    durations?: Map<number, Tally>;
  }
}

/** Counts every request, errors among them, and how long it took. */
export function requestMetrics(app: FastifyInstance, { metrics }: { metrics: ServiceMetrics }): void {
  app.addHook("onResponse", (request, reply, next) => {
    const { config } = request.routeOptions;
    config.durations ??= new Map<number, Tally>();
    let tally = config.durations.get(reply.statusCode);
    if (!tally) {
      // Addresses and methods that match no route come in any number. They share one series.
      const method = request.is404 ? "any" : request.method;
      tally = metrics.durations(method, request.routeOptions.url ?? "unmatched", reply.statusCode);
      config.durations.set(reply.statusCode, tally);
    }
    tally.observe(reply.elapsedTime / 1_000);
    next();
  });
}
