import type { FastifyInstance } from "fastify";
import type { ServiceMetrics } from "../metrics/service-metrics.js";

/** `GET /metrics`, for Prometheus. */
export function metrics(app: FastifyInstance, options: { metrics: ServiceMetrics }): void {
  const content = { "text/plain": { schema: { type: "string" } } };
  const response = { 200: { description: "In Prometheus' text format", content } };
  const schema = { tags: ["health"], summary: "Metrics for Prometheus", response };
  app.get("/metrics", { schema }, async (_request, reply) => {
    const registry = await options.metrics.registry();
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
