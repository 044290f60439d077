/** A time as S3's XML has it: UTC, whole seconds, `2021-07-03T23:05:32.000Z`. */
export function s3Timestamp(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / 1000) * 1000).toISOString();
}
