import { queryValue } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import { walk } from "../store/listing.js";
import type { Version } from "../store/records.js";
import type { Xml } from "../xml/writer.js";
import { element, OWNER, s3Timestamp, xmlDocument } from "../xml/writer.js";
import { storageClassOf } from "./attributes.js";
import { listingParameters } from "./listing-parameters.js";
import type { OperationContext } from "./operation.js";
import { sequenceOfVersionId } from "./versions.js";

/**
 * List versions and delete markers by ascending key, the newest of each key first.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
export async function listObjectVersions({ store, request }: OperationContext): Promise<S3Response> {
  const bucket = store.bucket(request.bucket);
  const { prefix, delimiter, max, encodingType, encode } = listingParameters(request, "max-keys");
  const keyMarker = queryValue(request, "key-marker") ?? "";
  const versionMarker = keyMarker === "" ? "" : (queryValue(request, "version-id-marker") ?? "");
  const query = { prefix, delimiter, after: keyMarker, inclusive: versionMarker !== "" };

  const entries: Xml[] = [];
  const prefixes: Xml[] = [];
  let last = { key: "", versionId: "" };
  let truncated = false;
  pages: for (const entry of walk(bucket.versions, query, () => true)) {
    if (entry.kind === "prefix") {
      if (entries.length + prefixes.length === max) {
        truncated = max > 0;
        break;
      }
      last = { key: entry.prefix, versionId: "" };
      prefixes.push(element("CommonPrefixes", [element("Prefix", encode(entry.prefix))]));
      continue;
    }
    const { key, value: versions } = entry;
    const first = key === keyMarker ? indexAfterVersion(versions, versionMarker) : 0;
    for (let i = first; i < versions.length; i++) {
      const version = versions[i];
      if (entries.length + prefixes.length === max) {
        truncated = max > 0;
        break pages;
      }
      if (version !== undefined) {
        last = { key, versionId: version.versionId };
        entries.push(versionElement(encode(key), version, i === 0));
      }
    }
  }
  const body = xmlDocument("ListVersionsResult", [
    element("Name", bucket.name),
    element("Prefix", encode(prefix)),
    element("KeyMarker", encode(keyMarker)),
    element("VersionIdMarker", versionMarker),
    element("NextKeyMarker", truncated ? encode(last.key) : undefined),
    element("NextVersionIdMarker", truncated && last.versionId !== "" ? last.versionId : undefined),
    element("Delimiter", delimiter === "" ? undefined : encode(delimiter)),
    element("EncodingType", encodingType),
    element("MaxKeys", max),
    element("IsTruncated", truncated),
    ...entries,
    ...prefixes,
  ]);
  return xmlResponse(body);
}

/**
 * Index of the first version after the marker.
 *
 * Some clients delete each page before they request the next. If the marked version no longer exists, its identifier
 * still gives its age. The identifier "null" gives none, so the versions of that key are listed from the start.
 */
function indexAfterVersion(versions: readonly Version[], versionMarker: string): number {
  const found = versions.findIndex(({ versionId }) => versionId === versionMarker);
  const age = sequenceOfVersionId(versionMarker);
  if (found >= 0 || age === undefined) {
    return found + 1;
  }
  const older = versions.findIndex(({ sequence }) => sequence < age);
  return older < 0 ? versions.length : older;
}

function versionElement(key: string, version: Version, isLatest: boolean): Xml {
  const common = [
    element("Key", key),
    element("VersionId", version.versionId),
    element("IsLatest", isLatest),
    element("LastModified", s3Timestamp(version.modified)),
    element("Owner", OWNER),
  ];
  return version.kind === "delete-marker"
    ? element("DeleteMarker", common)
    : element("Version", [
        ...common,
        element("ETag", `"${version.etag}"`),
        element("ChecksumAlgorithm", version.checksum?.algorithm),
        element("Size", version.size),
        element("StorageClass", storageClassOf(version)),
      ]);
}
