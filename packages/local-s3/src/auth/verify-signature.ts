import { timingSafeEqual } from "node:crypto";
import { queryValue, type S3Request } from "../http/s3-request.js";
import { S3Error } from "../s3-error.js";
import { parseAuthorization } from "./authorization-header.js";
import { canonicalRequest } from "./canonical-request.js";
import { hmacSha256, sha256Hex, signingKey } from "./signing-key.js";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a body signed in chunks is checked with. */
export interface SignatureContext {
  readonly key: Uint8Array;
  /** `YYYYMMDDTHHMMSSZ`, as the request gave it. */
  readonly timestamp: string;
  /** `YYYYMMDD/region/s3/aws4_request`. */
  readonly scope: string;
  /** Of the request: the first chunk's signature builds on it. */
  readonly signature: string;
}

/** S3 takes clocks that differ by up to 15 minutes. */
const maxSkewMilliseconds = 15 * 60 * 1000;

/**
 * Check who sent a request, and that its method, path, query and signed headers are what was signed.
 * The body is not read here: its hash is signed, and compared once the body is there.
 *
 * Any region is taken, as there is one only: what clients are set to need not be changed.
 *
 * @throws {S3Error} AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, …
 */
export function verifySignature(request: S3Request, credentials: Credentials): SignatureContext {
  const header = request.headers.get("authorization");
  if (header === undefined) {
    throw queryValue(request, "X-Amz-Signature") === undefined
      ? new S3Error("AccessDenied", "Access Denied")
      : new S3Error("NotImplemented", "Presigned URLs are not implemented by this server");
  }
  const authorization = parseAuthorization(header);
  if (authorization.accessKeyId !== credentials.accessKeyId) {
    throw new S3Error(
      "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.",
      { details: { AWSAccessKeyId: authorization.accessKeyId } },
    );
  }
  const timestamp = checkTimestamp(request, authorization.date);
  checkSignedHeaders(request, authorization.signedHeaders);
  const payloadHash = request.headers.get("x-amz-content-sha256");
  if (payloadHash === undefined) {
    throw new S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  const { date, region, signedHeaders, signature } = authorization;
  const scope = `${date}/${region}/s3/aws4_request`;
  const key = signingKey(credentials.secretAccessKey, date, region);
  const canonical = canonicalRequest(request, signedHeaders, payloadHash);
  const expected = hmacSha256(key, ["AWS4-HMAC-SHA256", timestamp, scope, sha256Hex(canonical)].join("\n"));
  if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) {
    throw new S3Error(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      { details: { CanonicalRequest: canonical } },
    );
  }
  return { key, timestamp, scope, signature };
}

function checkTimestamp(request: S3Request, scopeDate: string): string {
  const timestamp = request.headers.get("x-amz-date") ?? "";
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (parts === null) {
    throw new S3Error(
      "AccessDenied",
      "AWS authentication requires a valid x-amz-date header (YYYYMMDDTHHMMSSZ)",
    );
  }
  const [, year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const now = Date.now();
  // Written so that a time that is none, NaN, is refused too.
  if (!(Math.abs(now - time) <= maxSkewMilliseconds)) {
    throw new S3Error(
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
      {
        details: {
          RequestTime: timestamp,
          ServerTime: new Date(now).toISOString(),
          MaxAllowedSkewMilliseconds: String(maxSkewMilliseconds),
        },
      },
    );
  }
  if (!timestamp.startsWith(scopeDate)) {
    throw new S3Error(
      "AuthorizationHeaderMalformed",
      `The authorization header is malformed; Invalid credential date ${scopeDate}, expected that of ${timestamp}.`,
    );
  }
  return timestamp;
}

/** Whatever S3 would act upon must be signed, or one who sits between could add it. */
function checkSignedHeaders(request: S3Request, signedHeaders: readonly string[]): void {
  const unsigned = [...request.headers.keys()].filter(
    (name) => (name === "host" || name.startsWith("x-amz-")) && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0) {
    throw new S3Error("AccessDenied", "There were headers present in the request which were not signed", {
      details: { HeadersNotSigned: unsigned.join(", ") },
    });
  }
}
