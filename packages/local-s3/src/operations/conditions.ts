import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import type { ObjectVersion } from "../store/records.js";

export function preconditionFailed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
    details: { Condition: condition },
  });
}

/**
 * Check the conditions of a write. They are atomic if the caller commits before its next `await`.
 *
 * @throws {S3Error} PreconditionFailed; NoSuchKey for If-Match without an object; NotImplemented, as in S3, for other
 *   conditions.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkWriteConditions(
  request: S3Request,
  key: string,
  current: ObjectVersion | undefined,
): void {
  const ifMatch = request.headers.get("if-match");
  const ifNoneMatch = request.headers.get("if-none-match");
  if (
    (ifNoneMatch !== undefined && ifNoneMatch !== "*") ||
    (ifMatch !== undefined && ifNoneMatch !== undefined)
  ) {
    throw new S3Error(
      "NotImplemented",
      "A header you provided implies functionality that is not implemented",
      {
        details: { Header: "If-None-Match" },
      },
    );
  }
  if (ifNoneMatch === "*" && current !== undefined) {
    throw preconditionFailed("If-None-Match");
  }
  if (ifMatch === undefined) {
    return;
  }
  if (current === undefined) {
    throw noSuchKey(key);
  }
  if (!matches(ifMatch, current.etag)) {
    throw preconditionFailed("If-Match");
  }
}

/**
 * Check the conditions of a read.
 *
 * @param headerPrefix - `x-amz-copy-source-` for the conditions on the source of a copy.
 * @returns Whether the response is 304 Not Modified.
 * @throws {S3Error} PreconditionFailed.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function isNotModified(
  request: S3Request,
  { etag, modified }: ObjectVersion,
  headerPrefix = "",
): boolean {
  const header = (name: string): string | undefined => request.headers.get(`${headerPrefix}${name}`);
  const seconds = Math.floor(modified / 1000);
  const ifMatch = header("if-match");
  const ifUnmodifiedSince = readDate(header("if-unmodified-since"));
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, etag)) {
      throw preconditionFailed("If-Match");
    }
  } else if (ifUnmodifiedSince !== undefined && seconds > ifUnmodifiedSince) {
    throw preconditionFailed("If-Unmodified-Since");
  }
  const ifNoneMatch = header("if-none-match");
  const ifModifiedSince = readDate(header("if-modified-since"));
  return ifNoneMatch === undefined
    ? ifModifiedSince !== undefined && seconds <= ifModifiedSince
    : matches(ifNoneMatch, etag);
}

export function noSuchKey(key: string, headers: Record<string, string> = {}): S3Error {
  return new S3Error("NoSuchKey", "The specified key does not exist.", { details: { Key: key }, headers });
}

/** S3 accepts ETags with or without quotes, weak or strong, several separated by commas, or `*`. */
function matches(condition: string, etag: string): boolean {
  return condition
    .split(",")
    .map((tag) => tag.trim())
    .some((tag) => tag === "*" || tag.replace(/^W\//, "").replaceAll('"', "") === etag);
}

/** Seconds since 1970. An invalid date is ignored, as if it were missing. */
function readDate(value: string | undefined): number | undefined {
  const milliseconds = Date.parse(value ?? "");
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}
