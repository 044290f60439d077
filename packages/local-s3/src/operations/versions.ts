import { randomBytes } from "node:crypto";
import { invalidArgument, S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import { queryValue } from "../http/request.js";
import type { Bucket } from "../store/bucket.js";
import { currentOf } from "../store/bucket.js";
import type { ObjectVersion } from "../store/records.js";
import type { Store } from "../store/store.js";
import { noSuchKey } from "./conditions.js";

/**
 * Find the object of a key: the version that is named, else the current one.
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

/**
 * The version that a request names. It may be returned in a header, so only visible ASCII is accepted.
 *
 * @throws {S3Error} InvalidArgument.
 */
export function requestedVersionId(request: S3Request): string | undefined {
  const versionId = queryValue(request, "versionId");
  if (versionId !== undefined && !/^[\x21-\x7e]{1,1024}$/.test(versionId)) {
    throw invalidArgument("Invalid version id specified", "versionId", versionId);
  }
  return versionId;
}

/** Digits of a sequence number in base 36, enough for every safe integer. */
const SEQUENCE_DIGITS = 11;

/** The common fields of a new version of a key. */
export function newVersionBase(
  store: Store,
  bucket: Bucket,
): { versionId: string; sequence: number; modified: number } {
  const sequence = store.nextSequence();
  return {
    versionId: bucket.versioning === "Enabled" ? newVersionId(sequence) : "null",
    sequence,
    modified: Date.now(),
  };
}

/** The header with a version's identifier, if the bucket has versions. */
export function versionHeader(bucket: Bucket, versionId: string): Record<string, string> {
  return bucket.versioning === undefined ? {} : { "x-amz-version-id": versionId };
}

function newVersionId(sequence: number): string {
  return sequence.toString(36).padStart(SEQUENCE_DIGITS, "0") + randomBytes(10).toString("hex");
}

/** The sequence number in a version's identifier. With it, a listing continues after a version that was deleted. */
export function sequenceOfVersionId(versionId: string): number | undefined {
  return /^[0-9a-z]{11}[0-9a-f]{20}$/.test(versionId)
    ? Number.parseInt(versionId.slice(0, SEQUENCE_DIGITS), 36)
    : undefined;
}
