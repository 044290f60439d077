import type { ObjectVersion, Upload, Version, Versioning } from "./model.js";
import { SortedMap } from "./sorted-map.js";

export class Bucket {
  /** `undefined` until versioning was first enabled: versions then have no identifiers to show. */
  versioning: Versioning | undefined = undefined;
  /** Every key's versions, newest first; never an empty list. */
  readonly versions = new SortedMap<readonly Version[]>();
  /** Multipart uploads under way, by identifier. */
  readonly uploads = new Map<string, Upload>();

  constructor(
    readonly name: string,
    readonly created: number,
  ) {}

  /** The object that the key names now: its newest version, unless that is a delete marker. */
  current(key: string): ObjectVersion | undefined {
    return currentOf(this.versions.get(key));
  }

  /** Put a version on top, in place of one with the same identifier; returns the one replaced. */
  addVersion(key: string, version: Version): Version | undefined {
    const versions = this.versions.get(key);
    if (versions === undefined) {
      this.versions.set(key, [version]);
      return undefined;
    }
    this.versions.set(key, [version, ...versions.filter(({ versionId }) => versionId !== version.versionId)]);
    return versions.find(({ versionId }) => versionId === version.versionId);
  }

  /** Returns the version removed, if there was one. */
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

/** The object among a key's versions that a plain GET answers with. */
export function currentOf(versions: readonly Version[] | undefined): ObjectVersion | undefined {
  const newest = versions?.[0];
  return newest?.kind === "object" ? newest : undefined;
}
