import { queryValue } from "../http/s3-request.js";
import { type S3Response, xmlResponse } from "../http/s3-response.js";
import { listingParameters } from "../listing/listing-parameters.js";
import { walk } from "../listing/walk.js";
import type { Version } from "../store/model.js";
import { element, type Xml, xmlDocument } from "../xml/write-xml.js";
import { sequenceOfVersionId } from "./new-version.js";
import type { OperationContext } from "./operation.js";
import { owner } from "./owner.js";
import { s3Timestamp } from "./timestamp.js";

/**
 * Versions and delete markers, keys ascending, of a key the newest first.
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
    for (let i = key === keyMarker ? behind(versions, versionMarker) : 0; i < versions.length; i++) {
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
 * Where the versions behind the marker begin. Clients delete each page before they ask for the next, so the marked version may have gone:
 * its identifier tells its age; "null" tells nothing, and the key's list then begins anew.
 */
function behind(versions: readonly Version[], versionMarker: string): number {
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
    element("Owner", owner),
  ];
  return version.kind === "delete-marker"
    ? element("DeleteMarker", common)
    : element("Version", [
        ...common,
        element("ETag", `"${version.etag}"`),
        element("ChecksumAlgorithm", version.checksum?.algorithm),
        element("Size", version.size),
        element("StorageClass", "STANDARD"),
      ]);
}
