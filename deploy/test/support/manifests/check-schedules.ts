import type { KubeObject } from "../kube-object.js";
import { at, text } from "../kube-object.js";

/** Minute, hour, day of the month, month, day of the week: the bounds of each. */
const CRON_BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

/** Check a CronJob's schedule and time zone, which the API's schema takes for any text. */
export function checkSchedule(object: KubeObject): string[] {
  if (object.kind !== "CronJob") {
    return [];
  }
  const schedule = text(at(object, "spec", "schedule"));
  const timeZone = text(at(object, "spec", "timeZone"));
  const problems = isCron(schedule)
    ? []
    : [`"${schedule}" is not a schedule of five fields within their bounds`];
  if (!isTimeZone(timeZone)) {
    problems.push(`"${timeZone}" is not a time zone`);
  }
  return problems.map((problem) => `CronJob/${object.metadata.name}: ${problem}`);
}

function isCron(schedule: string): boolean {
  const fields = schedule.split(" ");
  return (
    fields.length === CRON_BOUNDS.length &&
    CRON_BOUNDS.every(([least, greatest], index) =>
      (fields[index] ?? "")
        .replace(/\/\d+$/, "")
        .split(/[,-]/)
        .every((value) => value === "*" || (/^\d+$/.test(value) && +value >= least && +value <= greatest)),
    )
  );
}

function isTimeZone(name: string): boolean {
  try {
    // An empty name would mean the cluster's own zone.
    return name !== "" && new Intl.DateTimeFormat("en", { timeZone: name }).format() !== "";
  } catch {
    return false;
  }
}
