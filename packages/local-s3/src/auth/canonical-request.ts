import type { S3Request } from "../http/s3-request.js";
import { uriEncode, uriEncodePath } from "../uri-encode.js";

/** What of a request is signed, beside its payload. */
export type SignedRequest = Pick<S3Request, "method" | "path" | "query" | "headers">;

/**
 * The one form of a request that both sides sign.
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
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
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

/** Of encoded text, which is ASCII. */
function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
