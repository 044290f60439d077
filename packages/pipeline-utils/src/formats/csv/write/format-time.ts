import { type Date_, DateUnit, type Timestamp, TimeUnit } from "apache-arrow";

const DAY = 86_400_000;
/** How many units of a timestamp make a second, and how many digits its fraction has. */
const UNITS = {
  [TimeUnit.SECOND]: { perSecond: 1n, digits: 0 },
  [TimeUnit.MILLISECOND]: { perSecond: 1_000n, digits: 3 },
  [TimeUnit.MICROSECOND]: { perSecond: 1_000_000n, digits: 6 },
  [TimeUnit.NANOSECOND]: { perSecond: 1_000_000_000n, digits: 9 },
};
const FOUR_DIGIT_YEAR = /^\d{4}-/;

/**
 * An instant in ISO 8601, as `2021-07-24T09:56:42.718Z`; without the `Z` where the type has no zone.
 *
 * @returns undefined for a year that has not four digits.
 */
export function formatTimestamp(value: bigint, { unit, timezone }: Timestamp): string | undefined {
  const { perSecond, digits } = UNITS[unit];
  const rest = ((value % perSecond) + perSecond) % perSecond;
  const seconds = isoOf(Number((value - rest) / perSecond) * 1000)?.slice(0, 19);
  const fraction = digits === 0 ? "" : `.${String(rest).padStart(digits, "0")}`;
  return seconds && `${seconds}${fraction}${timezone ? "Z" : ""}`;
}

/** A day as `2021-07-24`, or a Date64 that is no whole day as `2021-07-24T09:56:42.718`. */
export function formatDate(value: number | bigint, { unit }: Date_): string | undefined {
  const milliseconds = unit === DateUnit.DAY ? Number(value) * DAY : Number(value);
  return isoOf(milliseconds)?.slice(0, milliseconds % DAY === 0 ? 10 : 23);
}

function isoOf(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return undefined;
  const text = date.toISOString();
  return FOUR_DIGIT_YEAR.test(text) ? text : undefined;
}
