/** S3 accepts clocks that differ by up to 15 minutes. */
export const MAX_CLOCK_SKEW_MILLISECONDS = 15 * 60 * 1_000;

/**
 * Read the time of a signature, `YYYYMMDDTHHMMSSZ`.
 *
 * @returns Milliseconds since 1970; NaN for an impossible time such as month 13. Undefined for text of another form.
 */
export function readSigningTime(timestamp: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (parts === null) {
    return undefined;
  }
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
