import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { ModelHolder } from "../model/model-holder.js";
import { registerModelMetrics } from "./model-metrics.js";

/** In seconds: from half a millisecond, as predictions take less than one. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** In hours. */
const HOURS_BUCKETS = [0.5, 1, 2, 4, 8, 16, 24, 48, 96, 192];

/** What Prometheus is told of the service. */
export class ServiceMetrics {
  readonly registry = new Registry();
  readonly #durations: Histogram;
  readonly #predictions: Histogram;

  /** @param holder - Asked for its model and its outcomes when metrics are collected, not before. */
  constructor(holder: ModelHolder) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    registerModelMetrics(holder, registers);
    this.#durations = new Histogram({
      name: "http_request_duration_seconds",
      help: "Time from the head of a request to the end of its response, by route and status",
      labelNames: ["method", "route", "code"],
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.#predictions = new Histogram({
      name: "predicted_hours_to_dispatch",
      help: "Predicted hours, by product",
      labelNames: ["product_code"],
      buckets: HOURS_BUCKETS,
      registers,
    });
  }

  /**
   * Count a request that was answered, whether well or not.
   *
   * @param route - The route's pattern, as addresses themselves come in any number.
   * @param code - The response's status.
   */
  observeRequest(method: string, route: string, code: number, seconds: number): void {
    this.#durations.observe({ method, route, code }, seconds);
  }

  /** Count a prediction. */
  observePrediction(productCode: string, hours: number): void {
    this.#predictions.observe({ product_code: productCode }, hours);
  }
}
