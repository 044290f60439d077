import { MAX_ROWS } from "../limits.js";
import type { ServiceMetrics } from "../metrics/service-metrics.js";
import type { TimeSlice } from "../time-slice.js";
import type { Location } from "../validation/validation-detail.js";
import type { Prediction, ServedModel } from "./served-model.js";

/** The one prediction behind every endpoint: reads rows by a model's signature, predicts, counts. */
export class Predictor {
  readonly #metrics: ServiceMetrics;

  constructor(metrics: ServiceMetrics) {
    this.#metrics = metrics;
  }

  /**
   * Predict one row.
   *
   * @param body - The client's input, one value a feature by name.
   * @throws {RequestValidationError} It is no input that the model takes.
   */
  predict(model: ServedModel, body: unknown): Prediction {
    return this.#predict(model, model.rows.readRow(body), 1);
  }

  /**
   * Predict up to {@link MAX_ROWS} rows, in slices; all of them, or none if one is wrong.
   *
   * @param rows - The client's inputs.
   * @param root - Where in the request the rows are, for messages.
   * @returns One prediction a row, in order.
   * @throws {RequestValidationError} Names the wrong rows by their index.
   */
  async predictAll(
    model: ServedModel,
    rows: unknown,
    slice: TimeSlice,
    root?: Location,
  ): Promise<Prediction[]> {
    const predictions: Prediction[] = [];
    const inputs = await model.rows.readRows(rows, MAX_ROWS, slice, root);
    for (const row of inputs) {
      predictions.push(this.#predict(model, row, 1 / inputs.length));
      if (slice.isOver) {
        await slice.pause();
      }
    }
    return predictions;
  }

  #predict(model: ServedModel, row: number[], weight: number): Prediction {
    const value = model.predict(row);
    this.#metrics.observePrediction(model, row, value, weight);
    return model.answer(value);
  }
}
