const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A time of day without marks, `230532`, seconds cut off; a full hour as `23`, so that `23-05` too comes after it. */
export function compactTime(millisecondsOfDay: number): string {
  return new Date(millisecondsOfDay)
    .toISOString()
    .slice("1970-01-01T".length, -".000Z".length)
    .replaceAll(":", "")
    .replace(/0000$/, "");
}

/** The milliseconds of the day that a text begins with, as `230532…` or `2305…`; undefined if it begins with none. */
export function readCompactTime(text: string): number | undefined {
  const [, hour, minute, second = 0] = /^(\d{2})(\d{2})(\d{2})?/.exec(text) ?? [];
  if (hour === undefined) return undefined;
  return Number(hour) * HOUR + Number(minute) * MINUTE + Number(second) * SECOND;
}
