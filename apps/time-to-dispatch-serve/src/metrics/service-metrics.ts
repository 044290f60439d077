import { collectDefaultMetrics, Registry } from "prom-client";
import type { ModelHolder } from "../model/model-holder.js";
import { registerModelMetrics } from "./model-metrics.js";
import type { Tally } from "./tally.js";
import { TallyHistogram } from "./tally-histogram.js";

/** In seconds: from half a millisecond, as predictions take less than one. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** In hours. */
const HOURS_BUCKETS = [0.5, 1, 2, 4, 8, 16, 24, 48, 96, 192];

/** What Prometheus is told of the service. */
export class ServiceMetrics {
  readonly registry = new Registry();
  readonly #durations: TallyHistogram;
  readonly #predictions: TallyHistogram;
  /** By product: those of the models that were served. */
  readonly #predictionTallies = new Map<string, Tally>();

  /** @param holder - Asked for its model and its outcomes when metrics are collected, not before. */
  constructor(holder: ModelHolder) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    registerModelMetrics(holder, registers);
    this.#durations = new TallyHistogram({
      name: "http_request_duration_seconds",
      help: "Time from the head of a request to the end of its response, by route and status",
      buckets: DURATION_BUCKETS,
      registers,
    });
    this.#predictions = new TallyHistogram({
      name: "predicted_hours_to_dispatch",
      help: "Predicted hours, by product",
      buckets: HOURS_BUCKETS,
      registers,
    });
  }

  /**
   * Durations of requests that were answered with one status, in seconds; asked for once for each combination.
   *
   * @param route - The route's pattern, as addresses themselves come in any number.
   * @param code - The response's status.
   */
  durations(method: string, route: string, code: number): Tally {
    return this.#durations.tally({ method, route, code });
  }

  /** Count a prediction. */
  observePrediction(productCode: string, hours: number): void {
    let tally = this.#predictionTallies.get(productCode);
    if (!tally) {
      tally = this.#predictions.tally({ product_code: productCode });
      this.#predictionTallies.set(productCode, tally);
    }
    tally.observe(hours);
  }
}
