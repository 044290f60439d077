import type { ObjectVersion, Tags, Upload, Version, Versioning } from "./records.js";
import { SortedMap } from "./sorted-map.js";

/** The region of a bucket whose creator named none. */
export const DEFAULT_REGION = "us-east-1";

/** An upload that became a version of an object. */
export interface CompletedUpload {
  readonly key: string;
  readonly version: Version;
}

/** Completed uploads that a bucket remembers. */
const MAX_COMPLETED_UPLOADS = 1_000;

/** A bucket in memory. */
export class Bucket {
  /** `undefined` until versioning is first enabled: responses then show no version identifiers. */
  versioning: Versioning | undefined = undefined;
  /** The versions of each key, newest first; never an empty list. */
  readonly versions = new SortedMap<readonly Version[]>();
  /** Multipart uploads in progress, by identifier. */
  readonly uploads = new Map<string, Upload>();
  /** The versions that the last uploads became, by the upload's identifier: a client may lose the answer, and complete again. */
  readonly completed = new Map<string, CompletedUpload>();

  constructor(
    readonly name: string,
    readonly created: number,
    readonly region = DEFAULT_REGION,
    public tags: Tags = {},
  ) {}

  /** Remember a completed upload, and forget the oldest beyond the limit. */
  rememberCompleted(uploadId: string, completed: CompletedUpload): void {
    this.completed.set(uploadId, completed);
    for (const oldest of this.completed.keys()) {
      if (this.completed.size <= MAX_COMPLETED_UPLOADS) {
        break;
      }
      this.completed.delete(oldest);
    }
  }

  /** The current object of a key: its newest version, unless that is a delete marker. */
  current(key: string): ObjectVersion | undefined {
    return currentOf(this.versions.get(key));
  }

  /**
   * Add a version as the newest, in place of one with the same identifier.
   *
   * @returns The version that was replaced.
   */
  addVersion(key: string, version: Version): Version | undefined {
    const versions = this.versions.get(key);
    if (versions === undefined) {
      this.versions.set(key, [version]);
      return undefined;
    }
    this.versions.set(key, [version, ...versions.filter(({ versionId }) => versionId !== version.versionId)]);
    return versions.find(({ versionId }) => versionId === version.versionId);
  }

  /** Replace the tags of an object's version. */
  setTags(key: string, versionId: string, tags: Tags): void {
    const versions = this.versions.get(key);
    if (versions !== undefined) {
      this.versions.set(
        key,
        versions.map((version) =>
          version.kind === "object" && version.versionId === versionId ? { ...version, tags } : version,
        ),
      );
    }
  }

  /**
   * Remove a version.
   *
   * @returns The removed version, if there was one.
   */
  removeVersion(key: string, versionId: string): Version | undefined {
    const versions = this.versions.get(key) ?? [];
    const kept = versions.filter((version) => version.versionId !== versionId);
    if (kept.length === 0) {
      this.versions.delete(key);
    } else {
      this.versions.set(key, kept);
    }
    return versions.find((version) => version.versionId === versionId);
  }
}

/** The object that a plain GET of a key with these versions returns. */
export function currentOf(versions: readonly Version[] | undefined): ObjectVersion | undefined {
  const newest = versions?.[0];
  return newest?.kind === "object" ? newest : undefined;
}

/**
 * Check a bucket's name.
 *
 * @returns The reason why the name is invalid; `undefined` for a valid name.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function checkBucketName(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) {
    return `it has ${name.length} ${name.length === 1 ? "character" : "characters"}, expected 3 to 63`;
  }
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name)) {
    return "expected lower-case letters, digits, dots and hyphens, a letter or digit at either end";
  }
  if (name.includes("..")) {
    return "expected no two dots in a row";
  }
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) {
    return "expected no IP address";
  }
  return undefined;
}
