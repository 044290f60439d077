import { driftQuantile, smoothedShares } from "@ml-pipelines/pipeline-utils/monitoring";
import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { DriftColumn, DriftTally } from "./drift-tally.js";

/** One metric: its name, what it says, and the samples of a column. */
interface DriftMetric {
  readonly name: string;
  readonly help: string;
  readonly samples: (column: DriftColumn) => readonly (readonly [bin: string, value: number])[];
}

/** `input` or `prediction`. */
function driftMetrics(subject: string, nouns: string): { counters: DriftMetric[]; gauges: DriftMetric[] } {
  return {
    counters: [
      {
        name: `model_${subject}_bin_total`,
        help: `${nouns} by bin of the training profile; a request counts as one row`,
        samples: ({ bins, counts }) => bins.names.map((bin, index) => [bin, counts[index] ?? 0]),
      },
      {
        name: `model_${subject}_outside_total`,
        help: `${nouns} outside the training range; a request counts as one row`,
        samples: ({ outside }) => [["", outside]],
      },
    ],
    gauges: [
      {
        name: `model_${subject}_bin_reference_share`,
        help: "Share of the profile's rows in a bin, with half a row more in each",
        samples: ({ bins }) =>
          smoothedShares(bins.reference).map((share, index) => [bins.names[index] ?? "", share]),
      },
      {
        name: `model_${subject}_reference_rows`,
        help: "Rows of the profile",
        samples: ({ bins }) => [["", bins.reference.reduce((sum, rows) => sum + rows, 0)]],
      },
      {
        name: `model_${subject}_drift_quantile`,
        help: "Quantile 0.999 of chi-square, by which the threshold of drift scales",
        samples: ({ bins }) => [["", driftQuantile(bins.names.length)]],
      },
    ],
  };
}

/**
 * Register the counts and references from which a recording rule computes drift over all replicas. A replica sees a part
 * of the requests, and therefore exports no index of its own.
 *
 * @param current - The model that is served, and what was seen since it was loaded. Asked when metrics are collected.
 */
export function registerDriftMetrics(
  current: () => { readonly hash: string; readonly tally: DriftTally } | undefined,
  registers: Registry[],
): void {
  const subjects = [
    { ...driftMetrics("input", "Inputs"), columns: (tally: DriftTally) => tally.features },
    {
      ...driftMetrics("prediction", "Predictions"),
      columns: ({ prediction }: DriftTally) => (prediction === undefined ? [] : [prediction]),
    },
  ];
  for (const { counters, gauges, columns } of subjects) {
    const samplesOf = ({ samples }: DriftMetric) => {
      const model = current();
      return model === undefined
        ? []
        : columns(model.tally).flatMap((column) =>
            samples(column).map(([bin, value]) => ({
              labels: { model_hash: model.hash, feature: column.name, ...(bin !== "" && { bin }) },
              value,
            })),
          );
    };
    const labelNames = ["model_hash", "feature", "bin"];
    for (const metric of counters) {
      new Counter({
        ...{ name: metric.name, help: metric.help, labelNames, registers },
        collect() {
          this.reset();
          for (const { labels, value } of samplesOf(metric)) {
            this.inc(labels, value);
          }
        },
      });
    }
    for (const metric of gauges) {
      new Gauge({
        ...{ name: metric.name, help: metric.help, labelNames, registers },
        collect() {
          this.reset();
          for (const { labels, value } of samplesOf(metric)) {
            this.set(labels, value);
          }
        },
      });
    }
  }
}
