import type { MonitoredDay, MonitoringResult } from "../monitoring/monitor/monitoring-result.js";

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Metrics for the textfile collector of the node exporter.
 *
 * A model has the figures of its newest day with labels, because labels come late; without labels, of its newest day.
 *
 * @param time - The time of this run, so that an alert can tell that it is overdue.
 * @see https://github.com/prometheus/node_exporter#textfile-collector
 */
export function renderMonitoringMetrics({ name, days, alerts }: MonitoringResult, time: Date): string {
  const shown = [...newestDays(days).values()];
  const samples = (figure: (day: MonitoredDay) => number | undefined): Sample[] =>
    shown.flatMap((day) => {
      const value = figure(day);
      const labels = { name, model_key: day.modelKey ?? "" };
      return value === undefined ? [] : [{ labels, value }];
    });
  const drift = shown.flatMap((day) =>
    day.drift.map(({ column, index }): Sample => ({
      labels: { name, model_key: day.modelKey ?? "", feature: column },
      value: index,
    })),
  );
  return [
    family("run_timestamp_seconds", "Time of the last monitoring run.", [
      { labels: { name }, value: time.getTime() / 1_000 },
    ]),
    family("alerts", "Alerts of the last monitoring run.", [{ labels: { name }, value: alerts.length }]),
    family(
      "day_timestamp_seconds",
      "Start of the day of the figures.",
      samples(({ day }) => Date.parse(day) / 1_000),
    ),
    family(
      "rows",
      "Predictions of the day.",
      samples(({ rows }) => rows),
    ),
    family(
      "label_coverage_ratio",
      "Share of the predictions that have a label.",
      samples(({ coverage }) => coverage),
    ),
    family(
      "r_squared",
      "R-squared of the labelled predictions.",
      samples(({ rSquared }) => rSquared?.value),
    ),
    family(
      "mean_absolute_error",
      "Mean absolute error of the labelled predictions, in the unit of the target.",
      samples(({ meanAbsoluteError }) => meanAbsoluteError?.value),
    ),
    family("drift_index", "Population stability index against the training.", drift),
  ].join("");
}

function newestDays(days: readonly MonitoredDay[]): Map<string, MonitoredDay> {
  const newest = new Map<string, MonitoredDay>();
  for (const day of days) {
    const before = newest.get(day.modelKey ?? "");
    if (day.modelKey !== null && (day.labelled > 0 || (before?.labelled ?? 0) === 0)) {
      newest.set(day.modelKey, day);
    }
  }
  return newest;
}

function family(metric: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => {
    const texts = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
    return `model_monitor_${metric}{${texts.join(",")}} ${value}\n`;
  });
  return `# HELP model_monitor_${metric} ${help}\n# TYPE model_monitor_${metric} gauge\n${lines.join("")}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
