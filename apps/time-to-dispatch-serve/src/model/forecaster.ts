import type { ServiceMetrics } from "../metrics/service-metrics.js";
import type { Location } from "../validation/validation-detail.js";
import type { ServedModel } from "./served-model.js";

/** The most orders of one request. */
export const MAX_ORDERS = 10_000;

/** The one prediction behind every endpoint: reads orders by a model's signature, predicts, counts. */
export class Forecaster {
  readonly #metrics: ServiceMetrics;

  constructor(metrics: ServiceMetrics) {
    this.#metrics = metrics;
  }

  /**
   * Predict one order.
   *
   * @param body - What the client sent.
   * @returns Hours to dispatch.
   * @throws {RequestValidationError} It is no order that the model takes.
   */
  forecast(model: ServedModel, body: unknown): number {
    return this.#predict(model, model.orders.readOrder(body));
  }

  /**
   * Predict up to {@link MAX_ORDERS} orders; all of them, or, if one is wrong, none.
   *
   * @param orders - What the client sent.
   * @param root - Where in the request the orders are, for messages.
   * @returns Hours to dispatch, in the order of the orders.
   * @throws {RequestValidationError} Naming the wrong orders by their index.
   */
  forecastAll(model: ServedModel, orders: unknown, root?: Location): number[] {
    return model.orders.readOrders(orders, MAX_ORDERS, root).map((row) => this.#predict(model, row));
  }

  #predict(model: ServedModel, row: number[]): number {
    const hours = model.predict(row);
    this.#metrics.observePrediction(model.productOf(row), hours);
    return hours;
  }
}
