/** The beginning of a timestamp, as far as each of its parts is followed by what ends it. */
const BEGINNING =
  /(?<!\d)(\d{4})-(?:(\d{2})-(?:(\d{2})(?!\d)(?:[T _](?:(\d{2})([:|.-])(?:(\d{2})\5)?)?)?)?)?/;

/**
 * How late a file can be whose name begins so: `sales_2021-` leads to nothing after 2021.
 *
 * This takes the first thing in the name that begins like a timestamp for the beginning of the name's timestamp. Zones are
 * left out of account.
 *
 * @returns Milliseconds since 1970, exclusive; Infinity if the name says nothing.
 */
export function timestampCeiling(nameStart: string): number {
  const match = BEGINNING.exec(nameStart);
  if (match === null) return Infinity;
  const [beginning, year, month, day, hour, , minute] = match;
  const isWhole = day !== undefined || match.index + beginning.length === nameStart.length;
  if (!isWhole) return Infinity;
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  const [h, min] = [Number(hour ?? 0), Number(minute ?? 0)];
  const first = utc(y, m, d, 0, 0);
  const isReal = first.getUTCMonth() === m && first.getUTCDate() === d && h < 24 && min < 60;
  if (!isReal) return Infinity;
  if (month === undefined) return utc(y + 1, 0, 1, 0, 0).getTime();
  if (day === undefined) return utc(y, m + 1, 1, 0, 0).getTime();
  if (hour === undefined) return utc(y, m, d + 1, 0, 0).getTime();
  return (minute === undefined ? utc(y, m, d, h + 1, 0) : utc(y, m, d, h, min + 1)).getTime();
}

function utc(year: number, month: number, day: number, hour: number, minute: number): Date {
  const date = new Date(0);
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute);
  return date;
}
