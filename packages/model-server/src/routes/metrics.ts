import type { FastifyInstance } from "fastify";
import type { ServiceMetrics } from "../metrics/service-metrics.js";

/** `GET /metrics`, for Prometheus. */
export function metrics(app: FastifyInstance, options: { metrics: ServiceMetrics }): void {
  const content = { "text/plain": { schema: { type: "string", example: "model_refused 0\n" } } };
  const response = { 200: { description: "In Prometheus' text format", content } };
  const text = { summary: "Metrics for Prometheus", operationId: "metrics" };
  const schema = { tags: ["health"], ...text, security: [], response };
  app.get("/metrics", { schema }, async (_request, reply) => {
    const registry = await options.metrics.registry();
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
