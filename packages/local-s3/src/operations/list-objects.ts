import { invalidArgument } from "../errors.js";
import { queryValue } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import type { Bucket } from "../store/bucket.js";
import { currentOf } from "../store/bucket.js";
import { walk } from "../store/listing.js";
import type { ObjectVersion } from "../store/records.js";
import type { Xml } from "../xml/writer.js";
import { element, OWNER, s3Timestamp, xmlDocument } from "../xml/writer.js";
import { storageClassOf } from "./attributes.js";
import type { ListingParameters } from "./listing-parameters.js";
import { listingParameters } from "./listing-parameters.js";
import type { OperationContext } from "./operation.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export async function listObjectsV2({ store, request }: OperationContext): Promise<S3Response> {
  const bucket = store.bucket(request.bucket);
  const parameters = listingParameters(request, "max-keys");
  const token = queryValue(request, "continuation-token");
  const startAfter = queryValue(request, "start-after") ?? "";
  const after = token === undefined ? startAfter : readContinuationToken(token);
  const page = listPage(bucket, parameters, after, queryValue(request, "fetch-owner") === "true");
  const body = xmlDocument("ListBucketResult", [
    ...commonElements(bucket, parameters, page),
    element("KeyCount", page.count),
    element("ContinuationToken", token),
    element("NextContinuationToken", page.truncated ? writeContinuationToken(page.last) : undefined),
    element("StartAfter", startAfter === "" ? undefined : parameters.encode(startAfter)),
    ...page.entries,
  ]);
  return xmlResponse(body);
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export async function listObjects({ store, request }: OperationContext): Promise<S3Response> {
  const bucket = store.bucket(request.bucket);
  const parameters = listingParameters(request, "max-keys");
  const marker = queryValue(request, "marker") ?? "";
  const page = listPage(bucket, parameters, marker, true);
  // As in S3, a client without a delimiter continues after the last key.
  const hasNextMarker = page.truncated && parameters.delimiter !== "";
  const body = xmlDocument("ListBucketResult", [
    ...commonElements(bucket, parameters, page),
    element("Marker", parameters.encode(marker)),
    element("NextMarker", hasNextMarker ? parameters.encode(page.last) : undefined),
    ...page.entries,
  ]);
  return xmlResponse(body);
}

interface Page {
  readonly entries: readonly Xml[];
  readonly count: number;
  readonly truncated: boolean;
  /** The last key or common prefix of the page. */
  readonly last: string;
}

function listPage(
  bucket: Bucket,
  { prefix, delimiter, max, encode }: ListingParameters,
  after: string,
  withOwner: boolean,
): Page {
  const contents: Xml[] = [];
  const prefixes: Xml[] = [];
  let last = "";
  let truncated = false;
  const isVisible = (versions: Parameters<typeof currentOf>[0]): boolean => currentOf(versions) !== undefined;
  for (const entry of walk(bucket.versions, { prefix, delimiter, after }, isVisible)) {
    if (contents.length + prefixes.length === max) {
      truncated = max > 0;
      break;
    }
    if (entry.kind === "prefix") {
      last = entry.prefix;
      prefixes.push(element("CommonPrefixes", [element("Prefix", encode(entry.prefix))]));
    } else {
      last = entry.key;
      const version = currentOf(entry.value);
      if (version !== undefined) {
        contents.push(contentsElement(encode(entry.key), version, withOwner));
      }
    }
  }
  return { entries: [...contents, ...prefixes], count: contents.length + prefixes.length, truncated, last };
}

function contentsElement(key: string, version: ObjectVersion, withOwner: boolean): Xml {
  return element("Contents", [
    element("Key", key),
    element("LastModified", s3Timestamp(version.modified)),
    element("ETag", `"${version.etag}"`),
    element("ChecksumAlgorithm", version.checksum?.algorithm),
    element("Size", version.size),
    element("Owner", withOwner ? OWNER : undefined),
    element("StorageClass", storageClassOf(version)),
  ]);
}

function commonElements(
  bucket: Bucket,
  { prefix, delimiter, max, encodingType, encode }: ListingParameters,
  page: Page,
): readonly Xml[] {
  return [
    element("Name", bucket.name),
    element("Prefix", encode(prefix)),
    element("Delimiter", delimiter === "" ? undefined : encode(delimiter)),
    element("EncodingType", encodingType),
    element("MaxKeys", max),
    element("IsTruncated", page.truncated),
  ];
}

/** Encode the last key or common prefix of a page. The token is opaque to clients. */
function writeContinuationToken(last: string): string {
  return Buffer.from(`1:${last}`).toString("base64url");
}

/** @throws {S3Error} InvalidArgument. */
function readContinuationToken(token: string): string {
  const bytes = Buffer.from(token, "base64url");
  const text = bytes.toString("utf8");
  if (!text.startsWith("1:") || bytes.toString("base64url") !== token) {
    throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
  }
  return text.slice(2);
}
