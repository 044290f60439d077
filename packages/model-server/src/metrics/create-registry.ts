import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { ModelHolder } from "../model/model-holder.js";
import type { ServiceDefinition } from "../options.js";
import type { BodyBudget } from "../request-body/body-budget.js";
import type { PredictionLogger } from "../model/prediction-logger.js";
import type { ServedModel } from "../model/served-model.js";
import { registerDriftMetrics } from "./drift-metrics.js";
import { MAX_FEATURES } from "./drift-tally.js";
import type { DriftTally } from "./drift-tally.js";
import { INPUT_REASONS } from "./input-refusals.js";
import type { InputRefusals } from "./input-refusals.js";
import { registerModelMetrics } from "./model-metrics.js";
import { TalliedHistogram } from "./tallied-histogram.js";
import type { TallyFamily } from "./tally.js";

/** prom-client's gauges whose names end as those of counters do. Each is the sum of another one, which has the types. */
const MISNAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** Parts of the service that count by themselves, and are asked when metrics are collected. */
export interface ObservedParts {
  readonly holder: ModelHolder;
  readonly budget: BodyBudget;
  readonly service: ServiceDefinition;
  readonly predictionLogger: PredictionLogger | undefined;
}

/** Where the metrics come from. All but the families are asked when metrics are collected, not before. */
export interface MetricSources extends ObservedParts {
  readonly families: readonly TallyFamily[];
  /** Predictions by class. */
  readonly classes: ReadonlyMap<string, number>;
  readonly driftOf: (model: ServedModel) => DriftTally;
  readonly refusals: InputRefusals;
}

/** Make the registry that Prometheus reads: the counts of the service, the model, and the process. */
export function createRegistry(sources: MetricSources): Registry {
  const { families, classes, holder, budget, service, driftOf, refusals, predictionLogger } = sources;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) {
    registry.removeSingleMetric(name);
  }
  registerBuild(service, [registry]);
  registerModelMetrics(holder, [registry]);
  registerBodyMetrics(budget, [registry]);
  registerDriftMetrics(
    () => holder.current && { hash: holder.current.hash, tally: driftOf(holder.current) },
    [registry],
  );
  registerRefusals(refusals, holder, [registry]);
  if (predictionLogger !== undefined) {
    registerLog(predictionLogger, [registry]);
  }
  for (const family of families) {
    registry.registerMetric(new TalliedHistogram(family, [registry]));
  }
  new Counter({
    name: "model_predictions_total",
    help: "Predictions of a class, by class",
    labelNames: ["class"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [name, count] of classes) {
        this.inc({ class: name }, count);
      }
    },
  });
  return registry;
}

function registerBuild({ program, version, commit }: ServiceDefinition, registers: Registry[]): void {
  const help = "The program that runs; its value is 1";
  const labelNames = ["program", "version", "commit"];
  new Gauge({ name: "service_build_info", help, labelNames, registers }).set({ program, version, commit }, 1);
}

function registerRefusals(refusals: InputRefusals, holder: ModelHolder, registers: Registry[]): void {
  new Counter({
    name: "model_input_refused_total",
    help: "Requests that were refused for an input, by feature and reason; the form of a request has no feature",
    labelNames: ["feature", "reason"],
    registers,
    collect() {
      this.reset();
      // From 0 on, so that the first refusal is an increase.
      for (const { name } of holder.current?.features.slice(0, MAX_FEATURES) ?? []) {
        for (const reason of INPUT_REASONS) {
          this.inc({ feature: name, reason }, 0);
        }
      }
      for (const { feature, reason, count } of refusals.all) {
        this.inc({ feature, reason }, count);
      }
    },
  });
}

function registerLog(logger: PredictionLogger, registers: Registry[]): void {
  new Counter({
    name: "model_prediction_log_written_total",
    help: "Rows of the prediction log that are in the bucket",
    registers,
    collect() {
      this.reset();
      this.inc(logger.written);
    },
  });
  new Counter({
    name: "model_prediction_log_dropped_total",
    help: "Rows of the prediction log that were lost, by reason",
    labelNames: ["reason"],
    registers,
    collect() {
      this.reset();
      const { full, late, invalid } = logger.dropped;
      this.inc({ reason: "full" }, full);
      this.inc({ reason: "late" }, late);
      this.inc({ reason: "invalid" }, invalid);
    },
  });
}

function registerBodyMetrics(budget: BodyBudget, registers: Registry[]): void {
  new Gauge({
    name: "http_request_body_buffered_bytes",
    help: "Bytes of request bodies that are held, those of bodies up to 16 KiB aside",
    registers,
    collect() {
      this.set(budget.bytes);
    },
  });
  new Counter({
    name: "http_request_bodies_rejected_total",
    help: "Unfinished request bodies that were rejected because too many bytes were held",
    registers,
    collect() {
      this.reset();
      this.inc(budget.rejected);
    },
  });
}
