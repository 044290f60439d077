import { collectDefaultMetrics, Counter, Registry } from "prom-client";
import type { ModelHolder } from "../model/model-holder.js";
import { registerModelMetrics } from "./model-metrics.js";
import { TalliedHistogram } from "./tallied-histogram.js";
import type { TallyFamily } from "./tally.js";

/**
 * Make the registry that Prometheus reads: the counts of the service, the model, and the process.
 *
 * @param classes - Predictions by class.
 * @param holder - Asked for its model and its outcomes when metrics are collected, not before.
 */
export function createRegistry(
  families: readonly TallyFamily[],
  classes: ReadonlyMap<string, number>,
  holder: ModelHolder,
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerModelMetrics(holder, [registry]);
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
