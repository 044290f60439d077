import type { FastifyInstance } from "fastify";
import type { ServiceMetrics } from "../metrics/service-metrics.js";

/** What Prometheus reads. */
export function metrics(app: FastifyInstance, options: { metrics: ServiceMetrics }): void {
  const { registry } = options.metrics;
  app.get(
    "/metrics",
    { schema: { tags: ["health"], summary: "Metrics for Prometheus" } },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
}
