import type { Bucket } from "./bucket.js";
import type { JournalRecord } from "./record.js";
import type { State } from "./state.js";

/** The shortest journal that adds up to this state. Lazy: a large store's records never stand in memory together. */
export function* stateRecords(state: State): Generator<JournalRecord, void, undefined> {
  for (const bucket of state.buckets.values()) {
    yield { op: "create-bucket", bucket: bucket.name, created: bucket.created };
    if (bucket.versioning !== undefined) {
      yield { op: "set-versioning", bucket: bucket.name, versioning: bucket.versioning };
    }
    for (const [key, versions] of bucket.versions.entries()) {
      for (const version of [...versions].reverse()) {
        yield { op: "put-version", bucket: bucket.name, key, version };
      }
    }
    yield* uploadRecords(bucket);
  }
}

function* uploadRecords(bucket: Bucket): Generator<JournalRecord, void, undefined> {
  for (const { parts, ...upload } of bucket.uploads.values()) {
    yield { op: "begin-upload", bucket: bucket.name, upload };
    for (const part of parts.values()) {
      yield { op: "put-part", bucket: bucket.name, uploadId: upload.uploadId, part };
    }
  }
}
