import type {
  Estimate,
  MonitoredColumn,
  MonitoredDay,
  MonitoringResult,
} from "../monitoring/monitor/monitoring-result.js";
import { element } from "./plot/svg.js";
import { drawBars, drawRanges } from "./plot/charts.js";
import type { PlottedRange } from "./plot/charts.js";
import { formatNumber } from "./plot/ticks.js";
import {
  binsInWords,
  fields,
  figure,
  figures,
  list,
  paragraph,
  renderPage,
  table,
  text,
} from "./html-page.js";
import { numberOf } from "./json.js";

/** The newest days, of each model, that are drawn. */
const MAX_DAYS = 62;
/** Columns, over all models, whose distributions are drawn. */
const MAX_COLUMNS = 24;
const MAX_BINS = 20;
const MAX_ROWS = 200;

/**
 * Render what monitoring found: alerts, the error by day, the share of labelled predictions, and the drift of each column.
 *
 * @param result - Its texts may be hostile.
 * @returns One HTML file without scripts, which loads nothing.
 */
export function renderMonitoringReport(result: MonitoringResult): string {
  const { bucket, name, from, to, labels, days, alerts } = result;
  const drawn = days.filter(({ rows }) => rows > 0).slice(-MAX_DAYS);
  return renderPage({
    title: `Monitoring report: ${name}`,
    subtitle: `${from} to ${to}, UTC`,
    sections: [
      { heading: "Alerts", body: [showAlerts(alerts)] },
      {
        heading: "Labels",
        body: [
          fields({
            file: `s3://${bucket}/${labels.key}`,
            "ids with a label": formatNumber(labels.ids, 9),
            "of these, without a prediction": formatNumber(labels.withoutPrediction, 9),
          }),
          paragraph(
            "Labels of quick orders come first. While few predictions have a label, errors are biased.",
          ),
        ],
      },
      {
        heading: "Error by day",
        body: [
          figures([
            errorFigure("Mean absolute error", drawn, ({ meanAbsoluteError }) => meanAbsoluteError),
            errorFigure("R-squared", drawn, ({ rSquared }) => rSquared),
            coverageFigure(drawn),
          ]),
          daysTable(days),
        ],
      },
      { heading: "Drift", body: driftSection(days) },
      { heading: "Models", body: [modelsTable(days)] },
    ],
  });
}

function showAlerts(alerts: readonly string[]): string {
  return alerts.length === 0
    ? element("p", { class: "good" }, text("No alert."))
    : element("div", { class: "bad" }, list(alerts.slice(0, MAX_ROWS)));
}

/** `2021-07-04`, and which model if there are several that day. */
function nameOf({ day, modelHash }: MonitoredDay, days: readonly MonitoredDay[]): string {
  const isAlone = days.filter((other) => other.day === day).length === 1;
  return isAlone ? day : `${day} ${(modelHash ?? "").slice(0, 6)}`;
}

function errorFigure(
  title: string,
  days: readonly MonitoredDay[],
  estimateOf: (day: MonitoredDay) => Estimate | null,
): string {
  const ranges = days.flatMap((day): PlottedRange[] => {
    const estimate = estimateOf(day);
    const [middle, low, high] = [estimate?.value, estimate?.lower, estimate?.upper].map(numberOf);
    return middle === undefined || low === undefined || high === undefined
      ? []
      : [{ name: nameOf(day, days), low, middle, high }];
  });
  if (ranges.length === 0) {
    return "";
  }
  const summary = ranges.map(({ name, middle }) => `${name}: ${formatNumber(middle, 3)}`).join("; ");
  return figure(
    title,
    drawRanges({
      title: `${title} by day`,
      summary,
      ranges,
      nameLabel: "day, UTC",
      valueLabel: title.toLowerCase(),
    }),
    "Dot: the day's figure. Line: its 95 % interval.",
  );
}

function coverageFigure(days: readonly MonitoredDay[]): string {
  if (days.length === 0) {
    return "";
  }
  const names = days.map((day) => nameOf(day, days));
  const shares = days.map(({ coverage }) => 100 * coverage);
  const summary = names.map((name, index) => `${name}: ${formatNumber(shares[index] ?? 0, 3)} %`).join("; ");
  return figure(
    "Predictions with a label",
    drawBars({
      ...{ title: "Share of predictions with a label, by day", summary, names },
      ...{ nameLabel: "day, UTC", valueLabel: "share of rows, %", series: [shares] },
    }),
  );
}

function daysTable(days: readonly MonitoredDay[]): string {
  const rows = days
    .slice(-MAX_ROWS)
    .map((day) => [
      day.day,
      formatNumber(day.rows, 9),
      formatNumber(day.labelled, 9),
      showEstimate(day.rSquared),
      showEstimate(day.meanAbsoluteError),
      day.modelKey ?? "",
    ]);
  return table(
    "All days",
    ["Day, UTC", "Rows", "Labelled", "R-squared", "Mean absolute error", "Model"],
    rows,
  );
}

function showEstimate(estimate: Estimate | null): string {
  return estimate === null
    ? ""
    : `${formatNumber(estimate.value, 3)} (${formatNumber(estimate.lower, 3)} to ${formatNumber(estimate.upper, 3)})`;
}

/** One column of one model, over all days. */
interface ColumnHistory {
  readonly model: string;
  readonly last: MonitoredColumn;
  readonly counts: readonly number[];
  readonly days: number;
  /** Days with a verdict of drift. */
  readonly drifted: number;
}

function driftSection(days: readonly MonitoredDay[]): string[] {
  const histories = historiesOf(days);
  const legend = element(
    "ul",
    { class: "legend" },
    ...["training", "seen"].map((name) => element("li", {}, name)),
  );
  const verdicts = days.flatMap(({ day, modelKey, drift }) =>
    drift.map(({ column, verdict, requests, index, threshold, outside }) => [
      `${day} ${column}`,
      verdict,
      formatNumber(requests, 9),
      formatNumber(index, 3),
      formatNumber(threshold, 3),
      formatNumber(outside, 9),
      modelKey ?? "",
    ]),
  );
  const heads = ["Day and column", "Verdict", "Requests", "PSI", "Threshold", "Outside the range", "Model"];
  return histories.length === 0
    ? []
    : [
        legend,
        figures(histories.slice(0, MAX_COLUMNS).map(driftFigure)),
        table("Verdicts by day", heads, verdicts.slice(-MAX_ROWS)),
      ];
}

function historiesOf(days: readonly MonitoredDay[]): ColumnHistory[] {
  const found = new Map<string, ColumnHistory>();
  for (const { modelKey, drift } of days) {
    for (const last of drift) {
      const model = modelKey ?? "";
      const id = JSON.stringify([model, last.column]);
      const before = found.get(id);
      found.set(id, {
        ...{ model, last },
        counts: last.counts.map((count, bin) => count + (before?.counts[bin] ?? 0)),
        days: (before?.days ?? 0) + 1,
        drifted: (before?.drifted ?? 0) + Number(last.verdict === "shifted" || last.verdict === "outside"),
      });
    }
  }
  return [...found.values()];
}

function driftFigure({ model, last, counts, days, drifted }: ColumnHistory): string {
  const [reference, seen] = [sharesOf(last.reference), sharesOf(counts)];
  const names = binsInWords(last.bins).slice(0, MAX_BINS);
  const column = last.column.replaceAll("_", " ");
  const summary = names
    .map(
      (name, bin) =>
        `${name}: ${formatNumber(reference[bin] ?? 0, 2)} %, now ${formatNumber(seen[bin] ?? 0, 2)} %`,
    )
    .join("; ");
  return figure(
    column,
    drawBars({
      ...{ title: `Distribution of ${column}, in training and seen`, summary, names, nameLabel: "" },
      ...{ valueLabel: "share of rows, %", series: [reference, seen] },
    }),
    `Drift on ${drifted} of ${days} days. ${model}`,
  );
}

function sharesOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.slice(0, MAX_BINS).map((count) => (100 * count) / total);
}

function modelsTable(days: readonly MonitoredDay[]): string {
  const models = new Map(days.map(({ modelKey, modelHash }) => [modelKey ?? "", modelHash ?? ""]));
  models.delete("");
  return table("Models", ["Key", "Hash (MD5)"], [...models].slice(0, MAX_ROWS));
}
