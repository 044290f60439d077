/** How a file name writes its timestamp. A search uses it to group keys in listings. */
export interface KeyForm {
  /** The character between date and time; undefined for a date alone. */
  readonly dateEnd: string | undefined;
  /** The character between the parts of the time, "" for none; undefined for a date alone. */
  readonly timeMark: string | undefined;
}

const TIMESTAMP_FORM = /^\d{4}-\d{2}-\d{2}(?:([T _])\d{2}([:|.-]?)\d{2})?/;

/** The form of the timestamp at the beginning of a text. */
export function keyForm(timestampText: string): KeyForm {
  const match = TIMESTAMP_FORM.exec(timestampText);
  return { dateEnd: match?.[1], timeMark: match?.[2] };
}

/** Whether the names of a group share a date and the character after it. */
export function isDay(nameStart: string): boolean {
  return /(?<!\d)\d{4}-\d{2}-\d{2}[T _]$/.test(nameStart);
}

/**
 * The delimiter that splits a group of whole names into days: the character that ends dates in this folder. Default:
 * the one that this package writes.
 */
export function dayDelimiter({ dateEnd = "T" }: KeyForm): string {
  return dateEnd;
}

/**
 * The delimiter that splits a group of keys, such as `name_2021-07-03T` into hours.
 *
 * @param nameStart - The common beginning of the group's file names.
 * @param isTimestampOnly - Whether nothing but a timestamp can follow. Then names are split by year, which takes fewer
 *   entries.
 * @returns undefined if the keys are best listed one by one.
 */
export function groupDelimiter(
  nameStart: string,
  form: KeyForm,
  isTimestampOnly: boolean,
): string | undefined {
  if (/(?<!\d)\d{4}-\d{2}-\d{2}[T _](?:\d{2}[:|.-])?$/.test(nameStart)) {
    return form.timeMark === "" ? undefined : form.timeMark;
  }
  if (/(?<!\d)\d{4}-\d{2}-\d{2}(?!\d|$)/.test(nameStart)) {
    return undefined;
  }
  if (!isTimestampOnly) {
    return dayDelimiter(form);
  }
  return /(?<!\d)\d{4}-(?:\d{2}-)?$/.test(nameStart) ? (form.dateEnd ?? "-") : "-";
}

/** A date and the parts of a time. Each part counts only if the character that ends it follows. */
const DATE_AND_TIME = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d|$)(?:[T _](?:(\d{2})([:|.-])(?:(\d{2})\5)?)?)?/g;

/**
 * A year or a month at the beginning of a timestamp, and the separator that may precede it under a `filenamePrefix`.
 */
const YEAR_OR_MONTH = /^[_\-. ]?(\d{4})-(?:(\d{2})-)?$/;

/**
 * The upper bound of the timestamps in a group: after `sales_2021-07-03T`, no timestamp is later than that day.
 *
 * The bound ignores zones, and a second date further on in the name.
 *
 * @param nameStart - The common beginning of the group's file names.
 * @param isTimestampOnly - Whether nothing but a timestamp can follow, as under a `filenamePrefix`. Only then a year
 *   alone is a bound: otherwise `2021-` can be the beginning of `2021-report_2030-01-01.csv`.
 * @returns Milliseconds since 1970, exclusive. Infinity if there is no bound, -Infinity if no timestamp can follow.
 */
export function timestampCeiling(nameStart: string, isTimestampOnly: boolean): number {
  const [, year, month, day, hour, , minute] = [...nameStart.matchAll(DATE_AND_TIME)].at(-1) ?? [];
  if (isTimestampOnly && !/^[_\-. ]?(?:\d|$)/.test(nameStart)) {
    return -Infinity;
  }
  if (year === undefined) {
    return isTimestampOnly ? yearOrMonthCeiling(nameStart) : Infinity;
  }
  const [y, m, d] = [Number(year), Number(month) - 1, Number(day)];
  const [h, min] = [Number(hour ?? 0), Number(minute ?? 0)];
  const first = utc(y, m, d, 0, 0);
  const isReal = first.getUTCMonth() === m && first.getUTCDate() === d && h < 24 && min < 60;
  if (!isReal) {
    return Infinity;
  }
  if (hour === undefined) {
    return utc(y, m, d + 1, 0, 0).getTime();
  }
  return (minute === undefined ? utc(y, m, d, h + 1, 0) : utc(y, m, d, h, min + 1)).getTime();
}

function yearOrMonthCeiling(nameStart: string): number {
  const [, year, month] = YEAR_OR_MONTH.exec(nameStart) ?? [];
  if (year === undefined) {
    return Infinity;
  }
  if (month === undefined) {
    return utc(Number(year) + 1, 0, 1, 0, 0).getTime();
  }
  return utc(Number(year), Number(month), 1, 0, 0).getTime();
}

function utc(year: number, month: number, day: number, hour: number, minute: number): Date {
  const date = new Date(0);
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute);
  return date;
}
