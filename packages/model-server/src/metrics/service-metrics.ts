import { decodeValue } from "@ml-pipelines/pipeline-utils/aws";
import type { Registry } from "prom-client";
import type { RequestValidationError } from "../errors.js";
import type { ServedModel } from "../model/served-model.js";
import type { PredictionHistogram } from "../options.js";
import type { ObservedParts } from "./create-registry.js";
import { DriftTally } from "./drift-tally.js";
import { InputRefusals } from "./input-refusals.js";
import { TallyFamily } from "./tally.js";
import type { Tally } from "./tally.js";

/** Bounds in seconds. They begin at half a millisecond, because predictions take less than one. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** Bounds for predictions of any unit, three a decade. `predictionHistogram` takes bounds that fit one model. */
const VALUE_BUCKETS = [
  -1_000, -100, -10, -1, 0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000,
  10_000, 100_000,
];

/** Counts what the service does. */
export class ServiceMetrics {
  readonly #durations = new TallyFamily({
    name: "http_request_duration_seconds",
    help: "Time from the head of a request to the end of its response, by route and status",
    buckets: DURATION_BUCKETS,
  });
  readonly #values = new TallyFamily({
    name: "model_prediction_value",
    help: "Predicted numbers, in the unit of the target",
    buckets: VALUE_BUCKETS,
  });
  /** Undefined until a number is predicted: a service of classes has none. */
  #value: Tally | undefined;
  /** Predictions by class. */
  readonly #classes = new Map<string, number>();
  readonly #histogram: PredictionHistogram | undefined;
  readonly #histogramFamily: TallyFamily | undefined;
  /** By the value of the label: those of the models that were served. */
  readonly #histogramTallies = new Map<string, Tally>();
  /** The model whose label has the column. */
  #labelled: ServedModel | undefined;
  #labelColumn = -1;
  readonly #drifts = new WeakMap<ServedModel, DriftTally>();
  /** The model that was asked last. */
  #drift: { readonly model: ServedModel; readonly tally: DriftTally } | undefined;
  /** By status. */
  readonly #unread = new Map<number, Tally>();
  readonly #refusals = new InputRefusals();
  readonly #parts: ObservedParts;
  #registry: Promise<Registry> | undefined;

  constructor(parts: ObservedParts) {
    const { predictionHistogram: histogram } = parts.service;
    this.#parts = parts;
    this.#histogram = histogram;
    this.#histogramFamily = histogram && new TallyFamily(histogram);
  }

  /** All metrics, for Prometheus. Their printer is imported when first asked for: the service answers sooner without. */
  async registry(): Promise<Registry> {
    const families = [this.#durations, this.#values, this.#histogramFamily].filter(
      (family) => family !== undefined,
    );
    this.#registry ??= import("./create-registry.js").then(({ createRegistry }) =>
      createRegistry({
        families,
        classes: this.#classes,
        ...this.#parts,
        driftOf: (model) => this.#driftOf(model),
        refusals: this.#refusals,
      }),
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

  /** Count an answer to bytes that never became a request. */
  observeUnread(code: number): void {
    let tally = this.#unread.get(code);
    if (!tally) {
      tally = this.durations("any", "unread", code);
      this.#unread.set(code, tally);
    }
    tally.observe(0);
  }

  /** Count a request that was understood and is wrong. */
  observeRefusal(error: RequestValidationError, model: ServedModel | undefined): void {
    this.#refusals.observe(error.details, model);
  }

  /**
   * Count a prediction.
   *
   * @param weight - 1 divided by the rows of the request.
   * @param value - As the model gave it: a number, or the index of a class.
   * @returns The features with a value that the model was not trained for; undefined if there is none.
   */
  observePrediction(
    model: ServedModel,
    row: readonly number[],
    value: number,
    weight: number,
  ): readonly string[] | undefined {
    this.#observeValue(model, row, value);
    return this.#driftOf(model).observe(row, value, weight);
  }

  #observeValue(model: ServedModel, row: readonly number[], value: number): void {
    if (model.classes !== undefined) {
      const name = model.classes[value] ?? "";
      this.#classes.set(name, (this.#classes.get(name) ?? 0) + 1);
      return;
    }
    this.#value ??= this.#values.tally({});
    this.#value.observe(value);
    if (this.#histogramFamily !== undefined) {
      this.#tallyOf(this.#histogramFamily, model, row).observe(value);
    }
  }

  /** The counts of a model since it was first asked. A model that is served no more takes its counts along. */
  #driftOf(model: ServedModel): DriftTally {
    if (this.#drift?.model !== model) {
      this.#drift = { model, tally: this.#drifts.get(model) ?? new DriftTally(model) };
      this.#drifts.set(model, this.#drift.tally);
    }
    return this.#drift.tally;
  }

  #tallyOf(family: TallyFamily, model: ServedModel, row: readonly number[]): Tally {
    const name = this.#histogram?.label;
    if (model !== this.#labelled) {
      this.#labelled = model;
      const column = model.features.findIndex((feature) => feature.name === name);
      // The values of a number are without end.
      this.#labelColumn = model.features[column]?.type === "number" ? -1 : column;
    }
    const feature = model.features[this.#labelColumn];
    const label = feature === undefined ? "" : String(decodeValue(feature, row[this.#labelColumn] ?? NaN));
    let tally = this.#histogramTallies.get(label);
    if (!tally) {
      tally = family.tally(name === undefined ? {} : { [name]: label });
      this.#histogramTallies.set(label, tally);
    }
    return tally;
  }
}
