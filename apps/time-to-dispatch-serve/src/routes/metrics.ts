import type { FastifyInstance } from "fastify";
import type { ServiceMetrics } from "../metrics/service-metrics.js";

/** What Prometheus reads. */
export function metrics(app: FastifyInstance, options: { metrics: ServiceMetrics }): void {
  // The process's own metrics begin now, not with the first look at them.
  app.addHook("onListen", async () => {
    await options.metrics.registry();
  });
  const schema = { tags: ["health"], summary: "Metrics for Prometheus" };
  app.get("/metrics", { schema }, async (_request, reply) => {
    const registry = await options.metrics.registry();
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
