import type { State } from "./state.js";

/** The identifiers of every blob that an object's version or a part needs. */
export function usedBlobs(state: State): ReadonlySet<string> {
  const used = new Set<string>();
  for (const bucket of state.buckets.values()) {
    for (const [, versions] of bucket.versions.entries()) {
      for (const version of versions) {
        for (const blob of version.kind === "object" ? version.blobs : []) {
          used.add(blob.id);
        }
      }
    }
    for (const upload of bucket.uploads.values()) {
      for (const part of upload.parts.values()) {
        for (const blob of part.blobs) {
          used.add(blob.id);
        }
      }
    }
  }
  return used;
}
