const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d{2}):?(\d{2}))?)?$/;

/**
 * The nanoseconds since 1970 of a date or a date and time in ISO 8601, as `2021-07-24T09:56:42.718Z`. A space may stand
 * for the `T`; without a zone the time is UTC.
 *
 * @returns undefined for another text, and for a date or a time that there is not.
 */
export function parseTimestamp(text: string): bigint | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, date = "", time = "00:00", seconds = "00", fraction = "", sign, hours = "0", minutes = "0"] =
    match;
  const iso = `${date}T${time}:${seconds}.000Z`;
  const milliseconds = Date.parse(iso);
  // Date.parse takes the 30th of February for the 2nd of March.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== iso) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000);
  return BigInt(milliseconds - offset) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
