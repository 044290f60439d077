import { S3Error } from "../s3-error.js";

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * The one range of a Range header. As in S3 and RFC 9110, a header that is malformed or asks for several is ignored.
 *
 * @throws {S3Error} InvalidRange: nothing of the object lies in it.
 */
export function byteRange(header: string | undefined, size: number): ByteRange | undefined {
  const range = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header ?? "");
  const first = range?.[1] ?? "";
  const last = range?.[2] ?? "";
  if (
    range === null ||
    (first === "" && last === "") ||
    (first !== "" && last !== "" && Number(first) > Number(last))
  ) {
    return undefined;
  }
  const start = first === "" ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(Number(last) + 1, size);
  if (start >= end) {
    throw new S3Error("InvalidRange", "The requested range is not satisfiable", {
      details: { RangeRequested: header ?? "", ActualObjectSize: String(size) },
      headers: { "content-range": `bytes */${size}` },
    });
  }
  return { start, end };
}
