import { isDate } from "node:util/types";

import { argumentError } from "../argument-error.js";
import { InvalidArtefactKeyError, UnsupportedFileFormatError } from "../errors.js";

/** File formats of timestamped artefacts. Datasets are `csv` or `parquet`, models are `json`, reports are `html`. */
export const FILE_FORMATS = ["csv", "parquet", "json", "html"] as const;

/** A file format, which is the extension of the file's name, in any case. CSV may also be `csv.gz` or `csv.zst`. */
export type FileFormat = (typeof FILE_FORMATS)[number];

/** The information in the name of a timestamped file. */
export interface TimestampedKey {
  /** Text before the timestamp in the file's name, without folders, such as `time_to_dispatch_`. */
  readonly namePrefix: string;
  /** UTC, to the millisecond. */
  readonly timestamp: Date;
  /** Digits of the key beyond the millisecond, in milliseconds: 0.123 for `…23.558123`. At least 0, below 1. */
  readonly subMillisecond: number;
  /** Offset of the key's zone in minutes east of UTC; 0 if the key has no zone. */
  readonly offsetMinutes: number;
  readonly fileFormat: FileFormat;
}

/**
 * A date, alone or with a time. The groups are: year, month, day, hour, time separator, minute, second, fraction, zone.
 *
 * One time uses the same separator throughout. `|` and `-` are allowed because some systems forbid `:` in names.
 */
const TIMESTAMP =
  /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)(?:[T _](\d{2})([:|.-]?)(\d{2})(?:\5(\d{2})(?:\.(\d+))?)?(?!\d)(?:(Z|[+-]\d{2}(?:[:|.-]?\d{2})?)(?!\d))?)?/y;

/** The extension of a file's name. The group is the format. */
const EXTENSION = /\.(?:(csv)\.(?:gz|zst)|([^.]*))$/i;

/** Possible starts of a date. This is cheaper than trying {@link TIMESTAMP} at every character. */
const DATE_START = /(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)/g;

/**
 * Parse the timestamp of a key: the last valid one in the file's name, without folders and extension.
 *
 * The accepted forms are:
 *
 * - A date, `2021-07-03`. Alone, it means midnight.
 * - Then optionally `T`, a space or `_`, and a time: `23:05` or `23:05:32`. The separator may also be `|`, `-`, `.` or
 *   nothing.
 * - Then optionally a fraction of a second (`.558`), and a zone: `Z`, `+02:00`, `+0200` or `+02`. No zone means UTC.
 *
 * The extension is that of one of {@link FILE_FORMATS} in any case, or `.csv.gz` or `.csv.zst` for a compressed CSV file.
 *
 * @param key - The whole key or a file's name.
 * @returns undefined if the key has none of {@link FILE_FORMATS} or no valid date (`2021-02-30`,
 *   `2021-07-03T25:00:00`).
 */
export function parseTimestampedKey(key: string): TimestampedKey | undefined {
  const filename = key.slice(key.lastIndexOf("/") + 1);
  const extension = EXTENSION.exec(filename);
  const name = (extension?.[1] ?? extension?.[2])?.toLowerCase();
  const fileFormat = FILE_FORMATS.find((format) => format === name);
  if (extension === null || fileFormat === undefined) {
    return undefined;
  }
  const stem = filename.slice(0, extension.index);
  const starts = [...stem.matchAll(DATE_START)].map((match) => match.index);
  for (const start of starts.reverse()) {
    const instant = readInstant(stem, start);
    if (instant !== undefined) {
      return { namePrefix: stem.slice(0, start), ...instant, fileFormat };
    }
  }
  return undefined;
}

function readInstant(
  stem: string,
  start: number,
): Omit<TimestampedKey, "namePrefix" | "fileFormat"> | undefined {
  TIMESTAMP.lastIndex = start;
  const match = TIMESTAMP.exec(stem);
  if (match === null) {
    return undefined;
  }
  const [, year, month, day, hour = "0", , minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const offset = readOffset(zone);
  if (offset === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    return undefined;
  }
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const date = new Date(0);
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isReal =
    Number(year) > 0 && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isReal) {
    return undefined;
  }
  date.setUTCHours(Number(hour), Number(minute) - offset, Number(second), milliseconds);
  return { timestamp: date, subMillisecond: Number(`0.${fraction.slice(3)}`), offsetMinutes: offset };
}

/** Minutes east of UTC; undefined beyond 23:59, because no zone has such an offset. */
function readOffset(zone: string): number | undefined {
  if (zone === "Z") {
    return 0;
  }
  const digits = zone.replaceAll(/\D/g, "");
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2) || "0");
  if (hours > 23 || minutes > 59) {
    return undefined;
  }
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/** Time zones and slow clocks explain at most one day. */
const MAX_HOURS_AHEAD = 24;

/**
 * The latest timestamp that a file may have: a day ahead of the clock.
 *
 * A file dated further ahead has a typing error. As the "latest" it would hide every later file. The programs pass it
 * over, unless `--allow-future` is given.
 */
export function latestAcceptedTimestamp(): Date {
  return new Date(Date.now() + MAX_HOURS_AHEAD * 3_600_000);
}

/**
 * Make the name of a timestamped file, without folders.
 *
 * - Datasets (`csv`, `parquet`) get whole seconds and no zone. The Python package writes this form and can read it.
 * - Models (`json`) and their reports (`html`) get milliseconds and `Z`, so that two trainings within one second get
 *   different keys.
 *
 * @param prefix - Name before the timestamp, such as `time_to_dispatch`. An underscore follows it.
 * @param refDatetime - Reference time, written in UTC. Years 1 to 9999.
 * @param fileFormat - `csv`, `parquet`, `json` or `html`.
 * @throws {InvalidArtefactKeyError} The prefix is empty, or has a `/` or a control character; or the date is invalid.
 * @throws {UnsupportedFileFormatError} `fileFormat` is none of the four.
 * @throws {TypeError} `prefix` is not text, or `refDatetime` is not a Date, in a caller without types.
 *
 * @example
 * ```ts
 * import { makeTimestampedFilename } from "@ml-pipelines/pipeline-utils";
 *
 * const time = new Date("2021-07-03T23:05:32.558Z");
 * console.log(makeTimestampedFilename("orders", time, "csv"), makeTimestampedFilename("hours", time, "json"));
 * ```
 *
 * prints
 *
 * ```
 * orders_2021-07-03T23:05:32.csv hours_2021-07-03T23:05:32.558Z.json
 * ```
 */
export function makeTimestampedFilename(prefix: string, refDatetime: Date, fileFormat: FileFormat): string {
  checkFileFormat(fileFormat);
  checkNamePrefix(prefix);
  if (!isDate(refDatetime)) {
    throw argumentError("refDatetime", refDatetime, "a Date");
  }
  const iso = Number.isNaN(refDatetime.getTime()) ? "an invalid date" : refDatetime.toISOString();
  // Beyond these years, toISOString writes a sign and six digits.
  if (!/^\d{4}-/.test(iso) || iso.startsWith("0000")) {
    throw new InvalidArtefactKeyError(`refDatetime is ${iso}, expected a date in the years 1 to 9999`);
  }
  const isDataset = fileFormat === "csv" || fileFormat === "parquet";
  const timestamp = isDataset ? iso.slice(0, "2021-07-03T23:05:32".length) : iso;
  return `${prefix}_${timestamp}.${fileFormat}`;
}

/**
 * Check that a name can stand before a timestamp.
 *
 * @throws {InvalidArtefactKeyError} The name is empty, or has a `/` or a control character.
 */
export function checkNamePrefix(prefix: string): void {
  if (typeof prefix !== "string") {
    throw argumentError("a file's name prefix", prefix, "text");
  }
  // eslint-disable-next-line no-control-regex -- the check rejects control characters
  if (prefix === "" || /[/\u0000-\u001f\u007f]/.test(prefix)) {
    throw new InvalidArtefactKeyError(
      `${JSON.stringify(prefix)} cannot begin a file's name: expected at least one character, no "/" and no control characters`,
    );
  }
}

/**
 * Check that a format is known, for callers without types.
 *
 * @throws {UnsupportedFileFormatError} `fileFormat` is not one of {@link FILE_FORMATS}.
 */
export function checkFileFormat(fileFormat: string): void {
  if (!FILE_FORMATS.some((format) => format === fileFormat)) {
    throw new UnsupportedFileFormatError(
      `file format ${JSON.stringify(fileFormat)} is not known, expected one of ${FILE_FORMATS.join(", ")}`,
    );
  }
}

/**
 * The order of "latest": by timestamp to its last digit, then by key. The result is negative if `a` comes before `b`.
 *
 * The search also relies on the timestamp coming first: see `SearchState.mayBeBeatenBelow`.
 */
export function compareTimestamped(a: ComparedKey, b: ComparedKey): number {
  return (
    a.timestamp.getTime() - b.timestamp.getTime() ||
    a.subMillisecond - b.subMillisecond ||
    compareKeys(a.key, b.key)
  );
}

interface ComparedKey extends Pick<TimestampedKey, "timestamp" | "subMillisecond"> {
  readonly key: string;
}

/**
 * Compare keys in the order of S3's listings, which is that of their UTF-8 bytes and so of their code points.
 *
 * JavaScript's `<` compares UTF-16 units instead. It sorts code points beyond U+FFFF (surrogate pairs) before U+E000 to
 * U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [unitOfA, unitOfB] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (unitOfA !== unitOfB) {
      return rank(unitOfA) - rank(unitOfB);
    }
  }
  return a.length - b.length;
}

/** Rank surrogates after all other UTF-16 units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
