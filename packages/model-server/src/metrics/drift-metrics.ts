import { driftQuantile, smoothedShares } from "@ml-pipelines/pipeline-utils/monitoring";
import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { DriftColumn, DriftTally } from "./drift-tally.js";

/** One metric of a column. */
interface DriftMetric {
  readonly kind: "counter" | "gauge";
  readonly name: string;
  readonly help: string;
  /** Its value in each bin, or one value of the whole column. */
  readonly values: (column: DriftColumn) => Iterable<number> | number;
}

/** The metrics of inputs or of predictions. */
function driftMetrics(subject: "input" | "prediction", nouns: string): readonly DriftMetric[] {
  return [
    {
      kind: "counter",
      name: `model_${subject}_bin_total`,
      help: `${nouns} by bin of the training profile; a request counts as one row`,
      values: ({ counts }) => counts,
    },
    {
      kind: "counter",
      name: `model_${subject}_outside_total`,
      help: `${nouns} outside the training range, or of a category without a training row; a request counts as one row`,
      values: ({ outside }) => outside,
    },
    {
      kind: "gauge",
      name: `model_${subject}_bin_reference_share`,
      help: "Share of the profile's rows in a bin, with half a row more in each",
      values: ({ bins }) => smoothedShares(bins.reference),
    },
    {
      kind: "gauge",
      name: `model_${subject}_reference_rows`,
      help: "Rows of the profile",
      values: ({ bins }) => bins.reference.reduce((sum, rows) => sum + rows, 0),
    },
    {
      kind: "gauge",
      name: `model_${subject}_drift_quantile`,
      help: "Quantile 0.999 of chi-square, by which the threshold of drift scales",
      values: ({ bins }) => driftQuantile(bins.names.length),
    },
  ];
}

/** A model, and its counts since it was loaded. */
interface CountedModel {
  readonly hash: string;
  readonly tally: DriftTally;
}

/**
 * Register the counts and references from which a recording rule computes drift over all replicas. A replica sees a part
 * of the requests, and therefore exports no index of its own.
 *
 * @param current - The model that is served. Asked when metrics are collected.
 */
export function registerDriftMetrics(current: () => CountedModel | undefined, registers: Registry[]): void {
  for (const metric of driftMetrics("input", "Inputs")) {
    register(metric, current, ({ features }) => features, registers);
  }
  for (const metric of driftMetrics("prediction", "Predictions")) {
    register(metric, current, ({ prediction }) => (prediction === undefined ? [] : [prediction]), registers);
  }
}

function register(
  { kind, name, help, values }: DriftMetric,
  current: () => CountedModel | undefined,
  columnsOf: (tally: DriftTally) => readonly DriftColumn[],
  registers: Registry[],
): void {
  const Metric = kind === "counter" ? Counter : Gauge;
  new Metric({
    ...{ name, help, registers },
    labelNames: ["model_hash", "feature", "bin"],
    collect() {
      this.reset();
      const model = current();
      if (model === undefined) {
        return;
      }
      for (const column of columnsOf(model.tally)) {
        const labels = { model_hash: model.hash, feature: column.name };
        const found = values(column);
        if (typeof found === "number") {
          this.inc(labels, found);
          continue;
        }
        for (const [index, value] of [...found].entries()) {
          this.inc({ ...labels, bin: column.bins.names[index] ?? "" }, value);
        }
      }
    },
  });
}
