import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import { queryValue } from "../http/request.js";
import { MAX_CLOCK_SKEW_MILLISECONDS, readSigningTime } from "./signing-time.js";

/** Seven days. */
const MAX_EXPIRES_SECONDS = 604_800;
/** The hash of a payload that is not signed. */
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

/** The parameters of the signatures themselves, in lower case. */
const SIGNATURE_PARAMETERS = [
  "awsaccesskeyid",
  "expires",
  "signature",
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

/** Whether the query has the older signature, SigV2. */
export function isPresignedV2(request: S3Request): boolean {
  return !request.headers.has("authorization") && queryValue(request, "AWSAccessKeyId") !== undefined;
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

/** The request that a presigned URL stands for: some of its parameters as headers, and a payload without a hash. */
export function requestOfPresigned(request: S3Request): S3Request {
  const query = request.query.filter(([name]) => !SIGNATURE_PARAMETERS.includes(name.toLowerCase()));
  const isHeader = (name: string): boolean => /^(x-amz-|content-(md5|type)$)/i.test(name);
  const hoisted = query
    .filter(([name]) => isHeader(name))
    .map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  return {
    ...request,
    query: query.filter(([name]) => !isHeader(name)),
    headers: new Map([...request.headers, ...hoisted, ["x-amz-content-sha256", UNSIGNED_PAYLOAD]]),
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
  rejectExpired(signed + seconds * 1_000, expires);
  if (signed > Date.now() + MAX_CLOCK_SKEW_MILLISECONDS) {
    throw new S3Error("AccessDenied", "Request is not valid yet");
  }
}

/** @throws {S3Error} AccessDenied. */
export function rejectExpired(expiry: number, expires: string): void {
  if (Date.now() > expiry) {
    throw new S3Error("AccessDenied", "Request has expired", {
      details: { "X-Amz-Expires": expires, Expires: new Date(expiry).toISOString() },
    });
  }
}

function malformedQuery(reason: string): S3Error {
  return new S3Error(
    "AuthorizationQueryParametersError",
    `Error parsing the query parameters of the signature: ${reason}`,
  );
}
