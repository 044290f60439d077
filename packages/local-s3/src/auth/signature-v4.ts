import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import { uriEncode, uriEncodePath } from "../http/request.js";
import { isPresigned, presignedAuthorization, UNSIGNED_PAYLOAD } from "./presigned-url.js";
import { MAX_CLOCK_SKEW_MILLISECONDS, readSigningTime } from "./signing-time.js";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Needed to verify a body that is signed in chunks. */
export interface SignatureContext {
  readonly key: Uint8Array;
  /** `YYYYMMDDTHHMMSSZ`, as the request gave it. */
  readonly timestamp: string;
  /** `YYYYMMDD/region/s3/aws4_request`. */
  readonly scope: string;
  /** The signature of the request, which the signature of the first chunk covers. */
  readonly signature: string;
}

/**
 * Verify the access key of a request, and its signature of the method, path, query, signed headers and payload hash. The signature is
 * in the Authorization header, or in the query of a presigned URL.
 * The body is not read here: `receiveBody` compares it with the signed hash.
 *
 * Every region is accepted, so that clients need no change of their settings.
 *
 * @throws {S3Error} AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, …
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function verifySignature(request: S3Request, credentials: Credentials): SignatureContext {
  const header = request.headers.get("authorization");
  if (header === undefined && !isPresigned(request)) {
    throw new S3Error("AccessDenied", "Access Denied");
  }
  const presigned = header === undefined ? presignedAuthorization(request) : undefined;
  const authorization = parseAuthorization(header ?? presigned?.header ?? "");
  if (authorization.accessKeyId !== credentials.accessKeyId) {
    throw invalidAccessKey(authorization.accessKeyId);
  }
  const timestamp = presigned?.timestamp ?? checkTimestamp(request, authorization.date);
  checkSignedHeaders(request, authorization.signedHeaders);
  const payloadHash = presigned ? UNSIGNED_PAYLOAD : request.headers.get("x-amz-content-sha256");
  if (payloadHash === undefined) {
    throw new S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  const { date, region, signedHeaders, signature } = authorization;
  const scope = `${date}/${region}/s3/aws4_request`;
  const key = signingKey(credentials.secretAccessKey, date, region);
  const signed = { ...request, query: request.query.filter(([name]) => name !== "X-Amz-Signature") };
  const canonical = canonicalRequest(signed, signedHeaders, payloadHash);
  const expected = hmacSha256(key, [SIGNING_ALGORITHM, timestamp, scope, sha256Hex(canonical)].join("\n"));
  if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) {
    throw signatureMismatch({ CanonicalRequest: canonical });
  }
  return { key, timestamp, scope, signature };
}

export function invalidAccessKey(accessKeyId: string): S3Error {
  return new S3Error(
    "InvalidAccessKeyId",
    "The AWS Access Key Id you provided does not exist in our records.",
    { details: { AWSAccessKeyId: accessKeyId } },
  );
}

/** @param details - The text that this server signed. */
export function signatureMismatch(details: Record<string, string>): S3Error {
  return new S3Error(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    { details },
  );
}

function checkTimestamp(request: S3Request, scopeDate: string): string {
  const timestamp = request.headers.get("x-amz-date") ?? "";
  const time = readSigningTime(timestamp);
  if (time === undefined) {
    throw new S3Error(
      "AccessDenied",
      "AWS authentication requires a valid x-amz-date header (YYYYMMDDTHHMMSSZ)",
    );
  }
  const now = Date.now();
  // Negated, so that an invalid time (NaN) is rejected too.
  if (!(Math.abs(now - time) <= MAX_CLOCK_SKEW_MILLISECONDS)) {
    throw new S3Error(
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
      {
        details: {
          RequestTime: timestamp,
          ServerTime: new Date(now).toISOString(),
          MaxAllowedSkewMilliseconds: String(MAX_CLOCK_SKEW_MILLISECONDS),
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

/** Every header that S3 acts on must be signed. Otherwise a third party could add one. */
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

interface AuthorizationHeader {
  readonly accessKeyId: string;
  /** The day of the signature, `YYYYMMDD`. */
  readonly date: string;
  readonly region: string;
  /** Names in lower case, in the order in which they were signed. */
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
}

const SIGNING_ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * Parse `AWS4-HMAC-SHA256 Credential=AKID/20211231/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=…`
 *
 * @throws {S3Error} AuthorizationHeaderMalformed, InvalidRequest.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 */
export function parseAuthorization(header: string): AuthorizationHeader {
  if (!header.startsWith(`${SIGNING_ALGORITHM} `)) {
    throw new S3Error(
      "InvalidRequest",
      `The authorization mechanism you have provided is not supported. Please use ${SIGNING_ALGORITHM}.`,
    );
  }
  const fields = new Map(
    header
      .slice(SIGNING_ALGORITHM.length)
      .split(",")
      .map((field): [string, string] => {
        const equals = field.indexOf("=");
        return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()];
      }),
  );
  // An access key may contain slashes, so the scope's four parts are counted from the end.
  const credential = (fields.get("Credential") ?? "").split("/");
  const [date, region, service, terminator] = credential.slice(-4);
  const accessKeyId = credential.slice(0, -4).join("/");
  const signedHeaders = fields.get("SignedHeaders") ?? "";
  const signature = fields.get("Signature") ?? "";
  if (accessKeyId === "" || date === undefined || !/^\d{8}$/.test(date) || region === undefined) {
    throw malformedAuthorization("the Credential is not of the form <key>/YYYYMMDD/<region>/s3/aws4_request");
  }
  if (service !== "s3" || terminator !== "aws4_request") {
    throw malformedAuthorization(`the Credential must end in "s3/aws4_request"`);
  }
  if (signedHeaders === "") {
    throw malformedAuthorization("SignedHeaders is missing");
  }
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    throw malformedAuthorization("the Signature is not 64 hexadecimal digits");
  }
  return { accessKeyId, date, region, signedHeaders: signedHeaders.split(";"), signature };
}

function malformedAuthorization(reason: string): S3Error {
  return new S3Error("AuthorizationHeaderMalformed", `The authorization header is malformed; ${reason}.`);
}

/** The signed parts of a request, except for its payload. */
export type SignedRequest = Pick<S3Request, "method" | "path" | "query" | "headers">;

/**
 * The text of a request that both client and server sign.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html#canonical-request
 */
export function canonicalRequest(
  request: SignedRequest,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const query = request.query
    .map(([name, value]): [string, string] => [uriEncode(name), uriEncode(value)])
    .sort(
      ([name, value], [otherName, otherValue]) =>
        compareEncoded(name, otherName) || compareEncoded(value, otherValue),
    )
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = signedHeaders.map(
    (name) => `${name}:${(request.headers.get(name) ?? "").replace(/ +/g, " ")}\n`,
  );
  return [
    request.method,
    uriEncodePath(request.path),
    query,
    headers.join(""),
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
}

/** Order of percent-encoded text, which is ASCII. */
function compareEncoded(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

export function hmacSha256(key: string | Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html#signing-key */
export function signingKey(secretAccessKey: string, date: string, region: string): Buffer {
  const dateKey = hmacSha256(`AWS4${secretAccessKey}`, date);
  const regionKey = hmacSha256(dateKey, region);
  const serviceKey = hmacSha256(regionKey, "s3");
  return hmacSha256(serviceKey, "aws4_request");
}
