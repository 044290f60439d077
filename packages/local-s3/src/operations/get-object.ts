import { checksumHeaders } from "../body/checksums.js";
import { invalidArgument, S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import { queryValue } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import type { Bucket } from "../store/bucket.js";
import type { ObjectVersion } from "../store/records.js";
import { attributeHeaders } from "./attributes.js";
import { isNotModified } from "./conditions.js";
import { checkCustomerKey } from "./customer-key.js";
import type { OperationContext } from "./operation.js";
import { findVersion, requestedVersionId, versionHeader } from "./versions.js";

/** Headers of the response that a query parameter `response-NAME` replaces. */
export const OVERRIDABLE_HEADERS = [
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
  checkCustomerKey(request, version);
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
    // The checksum is of the whole object. A client would compare it with the bytes of a range.
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
  for (const name of OVERRIDABLE_HEADERS) {
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

/** The range of the part that `partNumber` names. A plain object is its own part 1. */
function partRange(request: S3Request, { blobs, size }: ObjectVersion): ByteRange | undefined {
  const requested = queryValue(request, "partNumber");
  if (requested === undefined) {
    return undefined;
  }
  const number = /^\d{1,5}$/.test(requested) ? Number(requested) : 0;
  const blob = blobs[number - 1];
  if (number === 1 && size === 0) {
    return undefined;
  }
  if (blob === undefined) {
    throw new S3Error("InvalidPartNumber", "The requested partnumber is not satisfiable", {
      details: {
        PartNumberRequested: requested.slice(0, 20),
        ActualPartCount: String(Math.max(blobs.length, 1)),
      },
    });
  }
  const start = blobs.slice(0, number - 1).reduce((sum, before) => sum + before.size, 0);
  return { start, end: start + blob.size };
}

interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * Parse a Range header of one range. As in S3 and RFC 9110, a malformed header or one of several ranges is ignored.
 *
 * @throws {S3Error} InvalidRange: the range is outside the object.
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
