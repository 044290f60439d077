import { randomBytes } from "node:crypto";
import type { Bucket } from "../store/bucket.js";
import type { Store } from "../store/store.js";

/** Digits of a sequence number in base 36: more than enough for every safe integer. */
const sequenceDigits = 11;

/** The fields that every new version of a key begins with. */
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

/** The header that names a version, where the bucket has versions. */
export function versionHeader(bucket: Bucket, versionId: string): Record<string, string> {
  return bucket.versioning === undefined ? {} : { "x-amz-version-id": versionId };
}

function newVersionId(sequence: number): string {
  return sequence.toString(36).padStart(sequenceDigits, "0") + randomBytes(10).toString("hex");
}

/** The sequence number within a version's identifier, so that a listing can go on behind a version deleted meanwhile. */
export function sequenceOfVersionId(versionId: string): number | undefined {
  return /^[0-9a-z]{11}[0-9a-f]{20}$/.test(versionId)
    ? Number.parseInt(versionId.slice(0, sequenceDigits), 36)
    : undefined;
}
