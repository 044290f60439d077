import { queryValue, type S3Request } from "../http/s3-request.js";
import type { S3Response } from "../http/s3-response.js";
import { invalidArgument } from "../invalid-argument.js";
import { S3Error } from "../s3-error.js";
import type { Bucket } from "../store/bucket.js";
import type { ObjectVersion } from "../store/model.js";
import { attributeHeaders } from "./attributes.js";
import { type ByteRange, byteRange } from "./byte-range.js";
import { checksumHeaders } from "./checksum-headers.js";
import { isNotModified } from "./conditions.js";
import { findVersion } from "./find-version.js";
import { versionHeader } from "./new-version.js";
import type { OperationContext } from "./operation.js";
import { requestedVersionId } from "./version-id.js";

/** Query parameters that replace a header of the answer. */
const overridable = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];

/**
 * GetObject and HeadObject.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function getObject({ store, request }: OperationContext): Promise<S3Response> {
  const bucket = store.bucket(request.bucket);
  const version = findVersion(bucket, request.key, requestedVersionId(request));
  if (isNotModified(request, version)) {
    return { status: 304, headers: versionHeaders(bucket, version) };
  }
  const part = partRange(request, version);
  const range = part ?? byteRange(request.headers.get("range"), version.size);
  const { start, end } = range ?? { start: 0, end: version.size };
  const headers = {
    ...versionHeaders(bucket, version),
    ...attributeHeaders(version),
    ...overrides(request),
    "accept-ranges": "bytes",
    "content-length": String(end - start),
    ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end - 1}/${version.size}` }),
    ...(part !== undefined && version.multipart
      ? { "x-amz-mp-parts-count": String(version.blobs.length) }
      : {}),
    // The checksum is of the whole object; sent with a range, a client would check the range against it.
    ...(request.headers.get("x-amz-checksum-mode")?.toUpperCase() === "ENABLED" && range === undefined
      ? checksumHeaders(version.checksum)
      : {}),
  };
  const status = range === undefined ? 200 : 206;
  return request.method === "HEAD"
    ? { status, headers }
    : { status, headers, body: store.blobs.read(version.blobs, start, end) };
}

function versionHeaders(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  return {
    etag: `"${version.etag}"`,
    "last-modified": new Date(version.modified).toUTCString(),
    ...versionHeader(bucket, version.versionId),
  };
}

function overrides(request: S3Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of overridable) {
    const value = queryValue(request, `response-${name}`);
    if (value !== undefined && !/^[\t\x20-\x7e]*$/.test(value)) {
      throw invalidArgument("Header value cannot be represented", `response-${name}`, value);
    }
    if (value !== undefined) {
      headers[name] = value;
    }
  }
  return headers;
}

/** The bytes of the part that `partNumber` asks for; a plain object is its own part 1. */
function partRange(request: S3Request, { blobs, size }: ObjectVersion): ByteRange | undefined {
  const asked = queryValue(request, "partNumber");
  if (asked === undefined) {
    return undefined;
  }
  const number = /^\d{1,5}$/.test(asked) ? Number(asked) : 0;
  const blob = blobs[number - 1];
  if (number === 1 && size === 0) {
    return undefined;
  }
  if (blob === undefined) {
    throw new S3Error("InvalidPartNumber", "The requested partnumber is not satisfiable", {
      details: {
        PartNumberRequested: asked.slice(0, 20),
        ActualPartCount: String(Math.max(blobs.length, 1)),
      },
    });
  }
  const start = blobs.slice(0, number - 1).reduce((sum, before) => sum + before.size, 0);
  return { start, end: start + blob.size };
}
