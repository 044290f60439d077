import type { FastifyRequest } from "fastify";
import { MAX_ROWS } from "../limits.js";
import type { ServiceMetrics } from "../metrics/service-metrics.js";
import type { TimeSlice } from "../time-slice.js";
import type { Location } from "../validation/validation-detail.js";
import { explainPrediction } from "./explain-prediction.js";
import type { ExplainedPrediction } from "./explain-prediction.js";
import { loadedModel } from "./served-model.js";
import type { PredictionLogger } from "./prediction-logger.js";
import type { Prediction, ServedModel } from "./served-model.js";

/** A prediction, and why and how sure. */
export type Explained = ExplainedPrediction & { readonly prediction: Prediction };

/** The one prediction behind every endpoint: reads rows by a model's signature, predicts, counts, logs. */
export class Predictor {
  readonly #metrics: ServiceMetrics;
  readonly #logger: PredictionLogger | undefined;

  constructor(metrics: ServiceMetrics, logger: PredictionLogger | undefined) {
    this.#metrics = metrics;
    this.#logger = logger;
  }

  /**
   * Predict one row.
   *
   * @param body - The client's input, one value a feature by name.
   * @throws {RequestValidationError} It is no input that the model takes.
   */
  predict(request: FastifyRequest, body: unknown): Prediction {
    return this.#predict(request, loadedModel(request).rows.readRow(body), 1);
  }

  /**
   * Predict and explain one row.
   *
   * @throws {RequestValidationError} As {@link predict}.
   * @throws {HttpError} 409: the model cannot explain.
   */
  explain(request: FastifyRequest, body: unknown): Explained {
    return this.#explain(request, loadedModel(request).rows.readRow(body), 1);
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
    request: FastifyRequest,
    rows: unknown,
    slice: TimeSlice,
    root?: Location,
  ): Promise<Prediction[]> {
    return this.#forEach(request, rows, slice, root, (row, weight) => this.#predict(request, row, weight));
  }

  /** Predict and explain up to {@link MAX_ROWS} rows, as {@link predictAll}. */
  async explainAll(request: FastifyRequest, rows: unknown, slice: TimeSlice): Promise<Explained[]> {
    return this.#forEach(request, rows, slice, undefined, (row, weight) =>
      this.#explain(request, row, weight),
    );
  }

  async #forEach<T>(
    request: FastifyRequest,
    rows: unknown,
    slice: TimeSlice,
    root: Location | undefined,
    work: (row: number[], weight: number) => T,
  ): Promise<T[]> {
    const results: T[] = [];
    const inputs = await loadedModel(request).rows.readRows(rows, MAX_ROWS, slice, root);
    for (const row of inputs) {
      results.push(work(row, 1 / inputs.length));
      if (slice.isOver) {
        await slice.pause();
      }
    }
    return results;
  }

  #explain(request: FastifyRequest, row: number[], weight: number): Explained {
    const model = loadedModel(request);
    const value = model.predict(row);
    // First, since a model that cannot explain predicts nothing here.
    const explained = explainPrediction(model, row, value);
    this.#observe(request, model, row, value, weight);
    return { prediction: model.answer(value), ...explained };
  }

  #predict(request: FastifyRequest, row: number[], weight: number): Prediction {
    const model = loadedModel(request);
    const value = model.predict(row);
    this.#observe(request, model, row, value, weight);
    return model.answer(value);
  }

  #observe(request: FastifyRequest, model: ServedModel, row: number[], value: number, weight: number): void {
    this.#logger?.add(request.id, model, row, value);
    const outside = this.#metrics.observePrediction(model, row, value, weight);
    if (outside !== undefined) {
      request.extrapolated ??= new Set();
      outside.forEach((name) => request.extrapolated?.add(name));
    }
  }
}
