import { collectDefaultMetrics, Registry } from "prom-client";
import type { ModelHolder } from "../model/model-holder.js";
import { registerModelMetrics } from "./model-metrics.js";
import { TalliedHistogram } from "./tallied-histogram.js";
import type { TallyFamily } from "./tally-family.js";

/**
 * What Prometheus is told: what was counted, the model, and the process.
 *
 * @param holder - Asked for its model and its outcomes when metrics are collected, not before.
 */
export function createRegistry(families: readonly TallyFamily[], holder: ModelHolder): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerModelMetrics(holder, [registry]);
  for (const family of families) registry.registerMetric(new TalliedHistogram(family, [registry]));
  return registry;
}
