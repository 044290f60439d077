import { S3Error } from "../s3-error.js";
import type { Bucket } from "../store/bucket.js";
import { currentOf } from "../store/bucket.js";
import type { ObjectVersion } from "../store/model.js";
import { noSuchKey } from "./conditions.js";

/**
 * The object that a key, and a version of it if one is named, stands for.
 *
 * @throws {S3Error} NoSuchKey, NoSuchVersion; MethodNotAllowed for a version that is a delete marker.
 */
export function findVersion(bucket: Bucket, key: string, versionId: string | undefined): ObjectVersion {
  const versions = bucket.versions.get(key);
  if (versionId === undefined) {
    const current = currentOf(versions);
    if (current === undefined) {
      const marker = versions?.[0];
      const headers: Record<string, string> =
        marker === undefined ? {} : { "x-amz-delete-marker": "true", "x-amz-version-id": marker.versionId };
      throw noSuchKey(key, headers);
    }
    return current;
  }
  const version = versions?.find((candidate) => candidate.versionId === versionId);
  if (version === undefined) {
    throw new S3Error("NoSuchVersion", "The specified version does not exist.", {
      details: { Key: key, VersionId: versionId },
    });
  }
  if (version.kind === "delete-marker") {
    throw new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", {
      details: { Method: "GET", ResourceType: "DeleteMarker" },
      headers: { "x-amz-delete-marker": "true", "x-amz-version-id": versionId, allow: "DELETE" },
    });
  }
  return version;
}
