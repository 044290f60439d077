import type { Registry } from "prom-client";
import type { ModelHolder } from "../model/model-holder.js";
import type { Tally } from "./tally.js";
import { TallyFamily } from "./tally-family.js";

/** In seconds: from half a millisecond, as predictions take less than one. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** In hours. */
const HOURS_BUCKETS = [0.5, 1, 2, 4, 8, 16, 24, 48, 96, 192];

/** Counts what the service does. */
export class ServiceMetrics {
  readonly #durations = new TallyFamily({
    name: "http_request_duration_seconds",
    help: "Time from the head of a request to the end of its response, by route and status",
    buckets: DURATION_BUCKETS,
  });
  readonly #predictions = new TallyFamily({
    name: "predicted_hours_to_dispatch",
    help: "Predicted hours, by product",
    buckets: HOURS_BUCKETS,
  });
  /** By product: those of the models that were served. */
  readonly #predictionTallies = new Map<string, Tally>();
  /** By status. */
  readonly #unread = new Map<number, Tally>();
  readonly #holder: ModelHolder;
  #registry: Promise<Registry> | undefined;

  constructor(holder: ModelHolder) {
    this.#holder = holder;
  }

  /** All of it, for Prometheus. What prints it is imported when first asked for: the service answers sooner without. */
  async registry(): Promise<Registry> {
    this.#registry ??= import("./create-registry.js").then(({ createRegistry }) =>
      createRegistry([this.#durations, this.#predictions], this.#holder),
    );
    return this.#registry;
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

  /** Count what was answered without ever being a request. */
  observeUnread(code: number): void {
    let tally = this.#unread.get(code);
    if (!tally) {
      tally = this.durations("any", "unread", code);
      this.#unread.set(code, tally);
    }
    tally.observe(0);
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
