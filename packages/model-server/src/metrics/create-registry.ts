import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { ModelHolder } from "../model/model-holder.js";
import type { BodyBudget } from "../request-body/body-budget.js";
import type { ServedModel } from "../model/served-model.js";
import { registerDriftMetrics } from "./drift-metrics.js";
import type { DriftTally } from "./drift-tally.js";
import { registerModelMetrics } from "./model-metrics.js";
import { TalliedHistogram } from "./tallied-histogram.js";
import type { TallyFamily } from "./tally.js";

/**
 * Make the registry that Prometheus reads: the counts of the service, the model, and the process.
 *
 * @param classes - Predictions by class.
 * @param holder - Asked for its model and its outcomes when metrics are collected, not before; so is the budget.
 */
export function createRegistry(
  families: readonly TallyFamily[],
  classes: ReadonlyMap<string, number>,
  holder: ModelHolder,
  budget: BodyBudget,
  driftOf: (model: ServedModel) => DriftTally,
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerModelMetrics(holder, [registry]);
  registerBodyMetrics(budget, [registry]);
  registerDriftMetrics(
    () => holder.current && { hash: holder.current.hash, tally: driftOf(holder.current) },
    [registry],
  );
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
