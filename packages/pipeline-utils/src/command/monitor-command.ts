import { rename, rm, writeFile } from "node:fs/promises";

import { monitorPredictions } from "../monitoring/monitor/monitor-predictions.js";
import type { Estimate, MonitoredDay, MonitoringResult } from "../monitoring/monitor/monitoring-result.js";
import { numberOption, textOption } from "../stage/program/argument.js";
import type { Argument } from "../stage/program/argument.js";
import { InvalidArgumentsError, StageError } from "../stage/program/errors.js";
import { renderMonitoringMetrics } from "./monitoring-metrics.js";
import { bucket, name, requiredOption, subcommand } from "./subcommand.js";
import { renderTable, showNumber } from "./table.js";

const DEFAULT_DAYS = 7;
const DAY_MILLISECONDS = 86_400_000;

const dayOption = (description: string): Argument<string | undefined> =>
  textOption({
    placeholder: "DAY",
    description,
    expected: "a day such as 2021-07-04",
    pattern: /^\d{4}-\d{2}-\d{2}$/,
  });

/** `pipeline-utils monitor`. */
export const monitor = subcommand({
  words: "monitor",
  description:
    "Joins logged predictions with labels: coverage, r-squared, MAE and drift of each model on each day, UTC.",
  example: "my-bucket time-to-dispatch --labels labels/time_to_dispatch --alert-r-squared 0.8",
  exitCodes: "3 an alert fires: r-squared is too low, or a column has drifted",
  arguments: {
    bucket,
    name,
    labels: requiredOption({
      placeholder: "PREFIX",
      description: "the newest CSV of this prefix has the columns id and the target",
      expected: "a prefix such as labels/time_to_dispatch",
    }),
    from: dayOption(`first day (default: ${DEFAULT_DAYS} days that end with --to)`),
    to: dayOption("last day, included (default: today)"),
    alertRSquared: numberOption({
      placeholder: "X",
      description: "alert if the 95 % interval of r-squared is below this, with 20 labels or more",
      maximum: 1,
    }),
    textfile: textOption({
      placeholder: "FILE",
      description: "write metrics for the node exporter's textfile collector",
      expected: "a file",
    }),
  },
  async run({ bucket, name, labels, alertRSquared, textfile, ...days }, { client }) {
    const to = days.to === undefined ? new Date() : dayOf("--to", days.to);
    const from =
      days.from === undefined
        ? new Date(to.getTime() - (DEFAULT_DAYS - 1) * DAY_MILLISECONDS)
        : dayOf("--from", days.from);
    if (from > to) {
      throw new InvalidArgumentsError(`--from is ${days.from}, expected a day not after --to`);
    }
    const result = await monitorPredictions(bucket, name, { labels, from, to, alertRSquared, client });
    if (textfile !== undefined) {
      await writeAtomically(textfile, renderMonitoringMetrics(result, new Date()));
    }
    return { text: render(result), json: result, exitCode: result.alerts.length === 0 ? 0 : 3 };
  },
});

function dayOf(option: string, text: string): Date {
  const day = new Date(text);
  // JavaScript reads 30 February as 2 March in some forms.
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentsError(
      `${option} is ${JSON.stringify(text)}, expected a day such as 2021-07-04`,
    );
  }
  return day;
}

/** The collector must never read half a file. */
async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    const fault = error instanceof Error ? error.message : String(error);
    throw new StageError(`--textfile: ${fault}`, { cause: error });
  }
}

function render({ labels, days, alerts }: MonitoringResult): string {
  const rows = days.map((day) => [
    day.day,
    day.modelKey ?? "",
    `${showNumber(100 * day.coverage)} %`,
    String(day.rows),
    String(day.requests),
    showEstimate(day.rSquared),
    showEstimate(day.meanAbsoluteError),
    showDrift(day),
  ]);
  const heads = ["day", "model", "coverage", "rows", "requests", "r-squared", "mae", "drift"];
  const counts = [
    `${labels.ids} ids have a label in ${labels.key}`,
    `${labels.withoutPrediction} of them have no prediction in these days`,
    `${labels.duplicates} rows were replaced by later ones of the same id`,
  ];
  return [
    renderTable(heads, rows),
    counts.join("\n"),
    alerts.length === 0 ? "No alerts" : alerts.map((alert) => `ALERT ${alert}`).join("\n"),
  ].join("\n\n");
}

function showEstimate(estimate: Estimate | null): string {
  if (estimate === null) {
    return "";
  }
  const [value, lower, upper] = [estimate.value, estimate.lower, estimate.upper].map((each) =>
    each.toFixed(3),
  );
  return `${value} (${lower} to ${upper})`;
}

function showDrift({ drift, note = "" }: MonitoredDay): string {
  const columns = drift.map(({ column, verdict, index }) => `${column} ${verdict} ${index.toFixed(3)}`);
  return columns.length === 0 ? note : columns.join(", ");
}
