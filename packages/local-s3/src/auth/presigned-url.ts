import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import { queryValue } from "../http/request.js";
import { MAX_CLOCK_SKEW_MILLISECONDS, readSigningTime } from "./signing-time.js";

/** Seven days. */
const MAX_EXPIRES_SECONDS = 604_800;
/** The hash of a payload that is not signed. */
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

/** The parameters of the signature itself. Other `x-amz-*` parameters stand for headers. */
const SIGNATURE_PARAMETERS = [
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-signature",
  "x-amz-signedheaders",
];

/** Whether the signature of a request is in its query. */
export function isPresigned(request: S3Request): boolean {
  return !request.headers.has("authorization") && queryValue(request, "X-Amz-Signature") !== undefined;
}

/**
 * The signature of a presigned URL, in the form of an Authorization header.
 *
 * @throws {S3Error} AccessDenied: the URL has expired, or is not valid yet. AuthorizationQueryParametersError: a parameter is missing
 *   or malformed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function presignedAuthorization(request: S3Request): { header: string; timestamp: string } {
  const parameter = (name: string): string => {
    const value = queryValue(request, name);
    if (value === undefined) {
      throw malformedQuery(`${name} is missing`);
    }
    return value;
  };
  const timestamp = parameter("X-Amz-Date");
  checkExpiry(timestamp, parameter("X-Amz-Expires"));
  const header =
    `${parameter("X-Amz-Algorithm")} Credential=${parameter("X-Amz-Credential")}, ` +
    `SignedHeaders=${parameter("X-Amz-SignedHeaders")}, Signature=${parameter("X-Amz-Signature")}`;
  return { header, timestamp };
}

/** The request that a presigned URL stands for: its other `x-amz-*` parameters as headers, and a payload without a hash. */
export function requestOfPresigned(request: S3Request): S3Request {
  const isAmz = (name: string): boolean => name.toLowerCase().startsWith("x-amz-");
  const hoisted = request.query
    .filter(([name]) => isAmz(name) && !SIGNATURE_PARAMETERS.includes(name.toLowerCase()))
    .map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  return {
    ...request,
    query: request.query.filter(([name]) => !isAmz(name)),
    headers: new Map([...hoisted, ...request.headers, ["x-amz-content-sha256", UNSIGNED_PAYLOAD]]),
  };
}

function checkExpiry(timestamp: string, expires: string): void {
  const signed = readSigningTime(timestamp) ?? NaN;
  if (Number.isNaN(signed)) {
    throw malformedQuery("X-Amz-Date must be of the form YYYYMMDDTHHMMSSZ");
  }
  const seconds = /^\d{1,6}$/.test(expires) ? Number(expires) : NaN;
  if (!(seconds >= 1 && seconds <= MAX_EXPIRES_SECONDS)) {
    throw malformedQuery(`X-Amz-Expires must be 1 to ${MAX_EXPIRES_SECONDS} seconds`);
  }
  const expiry = signed + seconds * 1_000;
  if (Date.now() > expiry) {
    throw new S3Error("AccessDenied", "Request has expired", {
      details: { "X-Amz-Expires": expires, Expires: new Date(expiry).toISOString() },
    });
  }
  if (signed > Date.now() + MAX_CLOCK_SKEW_MILLISECONDS) {
    throw new S3Error("AccessDenied", "Request is not valid yet");
  }
}

function malformedQuery(reason: string): S3Error {
  return new S3Error(
    "AuthorizationQueryParametersError",
    `Error parsing the query parameters of the signature: ${reason}`,
  );
}
