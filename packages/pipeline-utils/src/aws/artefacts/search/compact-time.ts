const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A time of day without marks, `230532`; seconds are cut off. */
export function compactTime(millisecondsOfDay: number): string {
  return new Date(millisecondsOfDay)
    .toISOString()
    .slice("1970-01-01T".length, -".000Z".length)
    .replaceAll(":", "");
}

/** The milliseconds of the day that a text begins with, as `230532…` or `2305…`; 0 if it begins with no time. */
export function readCompactTime(text: string): number {
  const [, hour = 0, minute = 0, second = 0] = /^(\d{2})(\d{2})(\d{2})?/.exec(text) ?? [];
  return Number(hour) * HOUR + Number(minute) * MINUTE + Number(second) * SECOND;
}
