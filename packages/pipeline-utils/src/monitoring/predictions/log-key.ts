import { InvalidArtefactKeyError } from "../../errors.js";

/** The folder of all prediction logs. */
const PREDICTIONS_FOLDER = "predictions";
const HOUR_MILLISECONDS = 3_600_000;
const SEQUENCE_DIGITS = 6;

/**
 * Check the name of a log, which becomes a folder.
 *
 * @throws {InvalidArtefactKeyError} The name is empty, `.` or `..`, or has a `/` or a control character.
 */
export function checkLogName(name: string): string {
  // eslint-disable-next-line no-control-regex -- the check rejects control characters
  if (name === "" || /^\.{1,2}$|[/\u0000-\u001f\u007f]/.test(name)) {
    throw new InvalidArtefactKeyError(
      `${JSON.stringify(name)} cannot name a prediction log: expected at least one character, no "/" and no control characters`,
    );
  }
  return name;
}

/** The number of whole hours since 1970, UTC. All rows of one object are of one hour. */
export function hourOf(milliseconds: number): number {
  return Math.floor(milliseconds / HOUR_MILLISECONDS);
}

/** The folder of an hour: `predictions/time-to-dispatch/dt=2021-07-04/13/`. */
export function hourFolder(name: string, hour: number): string {
  const iso = new Date(hour * HOUR_MILLISECONDS).toISOString();
  return `${dayFolder(name, iso.slice(0, 10))}${iso.slice(11, 13)}/`;
}

/** The folder of a day: `predictions/time-to-dispatch/dt=2021-07-04/`. */
export function dayFolder(name: string, day: string): string {
  return `${PREDICTIONS_FOLDER}/${name}/dt=${day}/`;
}

/** The key of one object of the log: `…/13/REPLICA-000017.ndjson.gz`. */
export function objectKey(name: string, hour: number, replica: string, sequence: number): string {
  return `${hourFolder(name, hour)}${replica}-${String(sequence).padStart(SEQUENCE_DIGITS, "0")}.ndjson.gz`;
}

/** The UTC days that an interval touches, ascending: `["2021-07-04", "2021-07-05"]`. `to` is exclusive. */
export function daysBetween(from: Date, to: Date): string[] {
  const days: string[] = [];
  for (
    const day = new Date(from.toISOString().slice(0, 10));
    day < to;
    day.setUTCDate(day.getUTCDate() + 1)
  ) {
    days.push(day.toISOString().slice(0, 10));
  }
  return days;
}
