import type { S3Request } from "../http/s3-request.js";
import { S3Error } from "../s3-error.js";

/** How the body travels, as `x-amz-content-sha256` says. */
export type PayloadEncoding =
  | {
      readonly kind: "plain";
      /** Hexadecimal; `undefined` if the payload is unsigned. */ readonly sha256: string | undefined;
    }
  | { readonly kind: "aws-chunked"; readonly signed: boolean; readonly trailer: boolean };

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
const encodings: Readonly<Record<string, PayloadEncoding>> = {
  "UNSIGNED-PAYLOAD": { kind: "plain", sha256: undefined },
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER": { kind: "aws-chunked", signed: false, trailer: true },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": { kind: "aws-chunked", signed: true, trailer: false },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": { kind: "aws-chunked", signed: true, trailer: true },
};

/** @throws {S3Error} InvalidArgument. */
export function payloadEncoding(request: S3Request): PayloadEncoding {
  const value = request.headers.get("x-amz-content-sha256") ?? "";
  if (/^[0-9a-f]{64}$/.test(value)) {
    return { kind: "plain", sha256: value };
  }
  const encoding = Object.hasOwn(encodings, value) ? encodings[value] : undefined;
  if (encoding === undefined) {
    throw new S3Error(
      "InvalidArgument",
      `x-amz-content-sha256 must be ${Object.keys(encodings).join(", ")}, or a valid sha256 value.`,
      { details: { ArgumentName: "x-amz-content-sha256", ArgumentValue: value.slice(0, 100) } },
    );
  }
  return encoding;
}

/**
 * How many bytes the body has once decoded: S3 wants to know beforehand.
 *
 * @throws {S3Error} MissingContentLength, InvalidArgument.
 */
export function contentLength(request: S3Request, encoding: PayloadEncoding): number {
  const name = encoding.kind === "plain" ? "content-length" : "x-amz-decoded-content-length";
  const value = request.headers.get(name);
  if (value === undefined) {
    throw new S3Error("MissingContentLength", `You must provide the Content-Length HTTP header. (${name})`);
  }
  if (!/^\d{1,15}$/.test(value)) {
    throw new S3Error("InvalidArgument", `${name} is "${value.slice(0, 40)}", expected a number of bytes`);
  }
  return Number(value);
}
