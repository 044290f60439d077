import type { S3Client } from "@aws-sdk/client-s3";
import type { Table } from "apache-arrow";

import { argumentError, checkOptions } from "../../argument-error.js";
import type { OptionKinds } from "../../argument-error.js";
import type { Feature, Target } from "../../aws/models/feature.js";
import type { ModelFile } from "../../aws/models/model-file.js";
import { FormatError } from "../../errors.js";
import { columnDrift, driftBins, MIN_DRIFT_ROWS } from "../drift.js";
import type { ColumnDrift } from "../drift.js";
import { readProfile } from "../profile.js";
import type { ColumnProfile } from "../profile.js";
import { daysBetween } from "../predictions/log-key.js";
import { readPredictions } from "../predictions/read-predictions.js";
import { groupByModel } from "./day-groups.js";
import type { DayGroup } from "./day-groups.js";
import { estimateError, estimateRSquared } from "./estimates.js";
import type { Labels } from "./read-labels.js";
import type { DriftVerdict, MonitoredColumn, MonitoredDay, MonitoringResult } from "./monitoring-result.js";

const DAY_MILLISECONDS = 86_400_000;
/** With fewer labelled rows, an r-squared proves nothing. */
const MIN_SCORED_ROWS = 20;

/** Options of {@link monitorPredictions}. */
export interface MonitorOptions {
  /** Where the labels are: `labels/hours` for `labels/hours_2021-07-10T08:00:00.csv`. The newest file counts. */
  readonly labels: string;
  /** A moment of the first day, UTC. */
  readonly from: Date;
  /** A moment of the last day, UTC. The whole day belongs to the interval. */
  readonly to: Date;
  /** Alert if r-squared is below this, by the upper end of its interval. Default: no such alert. */
  readonly alertRSquared?: number | undefined;
  /** Default: one shared client, which `createS3Client()` makes from the environment on first use. */
  readonly client?: S3Client | undefined;
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: OptionKinds<MonitorOptions> = {
  labels: "text",
  from: "other",
  to: "other",
  alertRSquared: "number",
  client: "client",
  signal: "signal",
};

/** A model's file; text if it cannot be read: the reason. */
type FoundModel = ModelFile | string;

/**
 * Join the prediction log with labels, and measure each model on each day.
 *
 * - A label belongs to all rows of its id. Rows without a label count for drift and coverage only.
 * - Drift is measured against the profile in the model's file, by the rule of {@link columnDrift}.
 * - The log of one day and the labels are in memory at a time.
 *
 * @param name - Name of the models: `time-to-dispatch`.
 * @throws {ArtefactNotFoundError} There is no label file.
 * @throws {FormatError} A damaged line of the log, or labels for another target.
 * @throws {S3AccessError} S3 failed or denied access.
 * @throws {TypeError} An option is missing, unknown or has the wrong type.
 */
export async function monitorPredictions(
  bucket: string,
  name: string,
  options: MonitorOptions,
): Promise<MonitoringResult> {
  checkOptions(options, OPTIONS);
  const { labels: prefix, from, to, alertRSquared, client, signal } = options;
  if (!(from.getTime() <= to.getTime())) {
    throw argumentError("to", to, "a Date that is not before from");
  }
  // Loaded here, because a service monitors nothing and needs no tables.
  const { readLoggedModel } = await import("./logged-model.js");
  const { readLabels } = await import("./read-labels.js");
  const labels = await readLabels(bucket, prefix, { client, signal });
  const files = new Map<string, FoundModel>();
  const seen = new Set<string>();
  const days: MonitoredDay[] = [];
  // The last moment of the last day belongs to the interval.
  const calendar = daysBetween(from, new Date(to.getTime() + 1));
  for (const day of calendar) {
    const midnight = Date.parse(day);
    const interval = { from: new Date(midnight), to: new Date(midnight + DAY_MILLISECONDS) };
    const table = await readPredictions(bucket, name, { ...interval, client, signal });
    const groups = groupByModel(table);
    if (groups.length === 0) {
      days.push(emptyDay(day));
    }
    for (const group of groups) {
      const found =
        files.get(group.modelKey) ?? (await readLoggedModel(bucket, group.modelKey, { client, signal }));
      files.set(group.modelKey, found);
      days.push(monitorGroup(day, table, group, checkModel(found, group, labels), labels, seen));
    }
  }
  return {
    ...{ bucket, name, from: calendar[0] ?? "", to: calendar.at(-1) ?? "" },
    labels: {
      key: labels.key,
      ids: labels.byId.size,
      duplicates: labels.duplicates,
      withoutPrediction: [...labels.byId.keys()].filter((id) => !seen.has(id)).length,
    },
    days,
    alerts: days.flatMap((day) => alertsOf(day, alertRSquared)),
  };
}

function emptyDay(day: string): MonitoredDay {
  const counts = { rows: 0, requests: 0, labelled: 0, coverage: 0 };
  return {
    ...{ day, modelKey: null, modelHash: null },
    ...counts,
    ...{ rSquared: null, meanAbsoluteError: null, drift: [] },
  };
}

/** @throws {FormatError} The labels are of another target. */
function checkModel(found: FoundModel, { modelHash }: DayGroup, { key, target }: Labels): FoundModel {
  if (typeof found === "string") {
    return found;
  }
  if (found.modelHash !== modelHash) {
    return `the file has model hash ${found.modelHash} now`;
  }
  if (found.target !== undefined && found.target.name !== target) {
    throw new FormatError(`${key}: the columns are id, ${target}; expected id, ${found.target.name}`);
  }
  return found;
}

function monitorGroup(
  day: string,
  table: Table,
  group: DayGroup,
  found: FoundModel,
  { byId }: Labels,
  seen: Set<string>,
): MonitoredDay {
  const { modelKey, modelHash, rows, requests } = group;
  const [ids, predictions] = [table.getChild("id"), table.getChild("prediction")];
  const actual: number[] = [];
  const predicted: number[] = [];
  let labelled = 0;
  for (const row of rows) {
    const id = String(ids?.get(row));
    const label = byId.get(id);
    const prediction: unknown = predictions?.get(row);
    seen.add(id);
    if (label !== undefined) {
      labelled += 1;
      if (typeof label === "number" && typeof prediction === "number") {
        actual.push(label);
        predicted.push(prediction);
      }
    }
  }
  const drift = typeof found === "string" ? [] : driftOf(table, group, found);
  return {
    ...{ day, modelKey, modelHash, rows: rows.length, requests, labelled },
    coverage: labelled / rows.length,
    rSquared: estimateRSquared(actual, predicted),
    meanAbsoluteError: estimateError(actual, predicted),
    drift,
    ...(drift.length === 0 && { note: typeof found === "string" ? found : "the model has no profile" }),
  };
}

function driftOf(
  table: Table,
  group: DayGroup,
  { features, target, metadata }: ModelFile,
): MonitoredColumn[] {
  const profile = readProfile(metadata.profile, features, target);
  const columns: [string, Feature | Target | undefined, ColumnProfile | undefined][] = [
    ...features.map((feature, index): [string, Feature, ColumnProfile | undefined] => [
      // An input with the name of another column of the log.
      table.getChild(`inputs.${feature.name}`) === null ? feature.name : `inputs.${feature.name}`,
      feature,
      profile.features[index],
    ]),
    ["prediction", target, profile.predictions],
  ];
  return columns.flatMap(([name, column, before]) => {
    const logged = table.getChild(name);
    if (column === undefined || before === undefined || logged === null) {
      return [];
    }
    const values = group.rows.map((row) => encode(column, logged.get(row)));
    const drift = columnDrift(before, column, values, group.weights);
    const { names: bins, reference } = driftBins(before, column);
    const { rows: requests, index, threshold, outside, counts } = drift;
    const shown = column === target ? "prediction" : column.name;
    const figures = { requests, index, threshold, outside, bins, reference, counts };
    return [{ column: shown, verdict: verdictOf(drift), ...figures }];
  });
}

/** A logged value as a number; NaN for a missing one and for a category that the model does not know. */
function encode(column: Feature | Target, value: unknown): number {
  switch (column.type) {
    case "number":
      return typeof value === "number" ? value : NaN;
    case "boolean":
      return typeof value === "boolean" ? Number(value) : NaN;
    case "category": {
      const index = column.categories.indexOf(String(value));
      return index < 0 ? NaN : index;
    }
  }
}

function verdictOf({ isShifted, isOutside, rows }: ColumnDrift): DriftVerdict {
  if (isOutside) {
    return "outside";
  }
  return isShifted ? "shifted" : rows < MIN_DRIFT_ROWS ? "few rows" : "stable";
}

function alertsOf(
  { day, modelKey, labelled, rSquared, drift }: MonitoredDay,
  limit: number | undefined,
): string[] {
  const where = `${day} ${modelKey ?? ""}`;
  const alerts = drift
    .filter(({ verdict }) => verdict === "shifted" || verdict === "outside")
    .map(({ column, verdict, index, outside, requests }) =>
      verdict === "outside"
        ? `${where}: ${column}: ${round(outside)} of ${round(requests)} requests are outside the training range`
        : `${where}: ${column}: PSI ${round(index)} in ${round(requests)} requests`,
    );
  if (limit !== undefined && rSquared !== null && labelled >= MIN_SCORED_ROWS && rSquared.upper < limit) {
    const { value, lower, upper } = rSquared;
    const interval = `${round(lower)} to ${round(upper)}`;
    alerts.unshift(
      `${where}: r-squared ${round(value)} (${interval}) is below ${limit}, on ${labelled} rows`,
    );
  }
  return alerts;
}

function round(value: number): string {
  return String(Number(value.toPrecision(4)));
}
