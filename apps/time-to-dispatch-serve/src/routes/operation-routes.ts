import type { FastifyInstance } from "fastify";
import type { ServiceMetrics } from "../metrics/service-metrics.js";
import type { ModelHolder } from "../model/model-holder.js";
import { health } from "./health.js";
import { metrics as metricsRoute } from "./metrics.js";

interface OperationOptions {
  holder: ModelHolder;
  metrics: ServiceMetrics;
  retryAfterSeconds: number;
}

/** All that operators watch, which answers whether there is a model or not, and however busy the service is. */
export function operationRoutes(app: FastifyInstance, { metrics, ...options }: OperationOptions): void {
  health(app, options);
  metricsRoute(app, { metrics });
}
