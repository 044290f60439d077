/** A date and what stands behind it, as far as each part is followed by what ends it. */
const DATE = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d|$)(?:[T _](?:(\d{2})([:|.-])(?:(\d{2})\5)?)?)?/g;

/** A year or a month that begins a timestamp, with what may stand before it under a `filenamePrefix`. */
const YEAR_OR_MONTH = /^[_\-. ]?(\d{4})-(?:(\d{2})-)?$/;

/**
 * How late a file can be whose name begins so: `sales_2021-07-03T` leads to nothing after that day. Zones, and a further date
 * behind, are left out of account.
 *
 * @param isTimestampOnly - Whether nothing but a timestamp can follow, as under a `filenamePrefix`: then a year alone says
 *   something. Otherwise `2021-` may be the beginning of `2021-report_2030-01-01.csv`.
 * @returns Milliseconds since 1970, exclusive; Infinity if the name says nothing, -Infinity if no timestamp can follow.
 */
export function timestampCeiling(nameStart: string, isTimestampOnly: boolean): number {
  const [, year, month, day, hour, , minute] = [...nameStart.matchAll(DATE)].at(-1) ?? [];
  if (isTimestampOnly && !/^[_\-. ]?(?:\d|$)/.test(nameStart)) return -Infinity;
  if (year === undefined) return isTimestampOnly ? yearOrMonthCeiling(nameStart) : Infinity;
  const [y, m, d] = [Number(year), Number(month) - 1, Number(day)];
  const [h, min] = [Number(hour ?? 0), Number(minute ?? 0)];
  const first = utc(y, m, d, 0, 0);
  const isReal = first.getUTCMonth() === m && first.getUTCDate() === d && h < 24 && min < 60;
  if (!isReal) return Infinity;
  if (hour === undefined) return utc(y, m, d + 1, 0, 0).getTime();
  return (minute === undefined ? utc(y, m, d, h + 1, 0) : utc(y, m, d, h, min + 1)).getTime();
}

function yearOrMonthCeiling(nameStart: string): number {
  const [, year, month] = YEAR_OR_MONTH.exec(nameStart) ?? [];
  if (year === undefined) return Infinity;
  if (month === undefined) return utc(Number(year) + 1, 0, 1, 0, 0).getTime();
  return utc(Number(year), Number(month), 1, 0, 0).getTime();
}

function utc(year: number, month: number, day: number, hour: number, minute: number): Date {
  const date = new Date(0);
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute);
  return date;
}
