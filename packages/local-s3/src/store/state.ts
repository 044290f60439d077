import { Bucket, DEFAULT_REGION } from "./bucket.js";
import type { StoredBlob, JournalRecord, Upload, Version } from "./records.js";

/** The state of the store in memory: the sum of its journal's records. */
export class State {
  readonly buckets = new Map<string, Bucket>();
  #lastSequence = 0;

  /** A number greater than the sequence of every earlier version. */
  nextSequence(): number {
    return this.#lastSequence + 1;
  }

  /**
   * Apply a change.
   *
   * @returns The blobs that are no longer used.
   * @throws {Error} The record names a bucket or an upload that does not exist: the journal is damaged.
   */
  apply(record: JournalRecord): readonly StoredBlob[] {
    switch (record.op) {
      case "create-bucket":
        this.buckets.set(
          record.bucket,
          new Bucket(record.bucket, record.created, record.region, record.tags),
        );
        return [];
      case "delete-bucket":
        this.buckets.delete(record.bucket);
        return [];
      case "set-versioning":
        this.#bucket(record.bucket).versioning = record.versioning;
        return [];
      case "set-bucket-tags":
        this.#bucket(record.bucket).tags = record.tags;
        return [];
      case "put-version":
        return this.#addVersion(record.bucket, record.key, record.version);
      case "remove-version":
        return blobsOf(this.#bucket(record.bucket).removeVersion(record.key, record.versionId));
      case "set-tags":
        this.#bucket(record.bucket).setTags(record.key, record.versionId, record.tags);
        return [];
      case "begin-upload": {
        const upload: Upload = { ...record.upload, parts: new Map() };
        this.#bucket(record.bucket).uploads.set(upload.uploadId, upload);
        return [];
      }
      case "put-part": {
        const { parts } = this.#upload(record.bucket, record.uploadId);
        const replaced = parts.get(record.part.partNumber);
        parts.set(record.part.partNumber, record.part);
        return replaced?.blobs ?? [];
      }
      case "abort-upload":
        return this.#endUpload(record.bucket, record.uploadId);
      case "complete-upload": {
        const kept = new Set(blobsOf(record.version).map(({ id }) => id));
        const { bucket, uploadId, key, version } = record;
        this.#bucket(bucket).rememberCompleted(uploadId, { key, version });
        const parts = this.#endUpload(bucket, uploadId).filter(({ id }) => !kept.has(id));
        return [...parts, ...this.#addVersion(bucket, key, version)];
      }
    }
  }

  #addVersion(bucket: string, key: string, version: Version): readonly StoredBlob[] {
    this.#lastSequence = Math.max(this.#lastSequence, version.sequence);
    return blobsOf(this.#bucket(bucket).addVersion(key, version));
  }

  #endUpload(bucket: string, uploadId: string): readonly StoredBlob[] {
    const { parts } = this.#upload(bucket, uploadId);
    this.#bucket(bucket).uploads.delete(uploadId);
    return [...parts.values()].flatMap((part) => part.blobs);
  }

  #bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) {
      throw new Error(`there is no bucket "${name}"`);
    }
    return bucket;
  }

  #upload(bucket: string, uploadId: string): Upload {
    const upload = this.#bucket(bucket).uploads.get(uploadId);
    if (upload === undefined) {
      throw new Error(`bucket "${bucket}" has no upload "${uploadId}"`);
    }
    return upload;
  }
}

function blobsOf(version: Version | undefined): readonly StoredBlob[] {
  return version?.kind === "object" ? version.blobs : [];
}

/** The shortest journal of this state. It is lazy, so that a large store's records are never in memory together. */
export function* stateRecords(state: State): Generator<JournalRecord, void, undefined> {
  for (const bucket of state.buckets.values()) {
    const { name, created, region, tags } = bucket;
    const hasTags = Object.keys(tags).length > 0;
    yield {
      op: "create-bucket",
      bucket: name,
      created,
      ...(region !== DEFAULT_REGION && { region }),
      ...(hasTags && { tags }),
    };
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

/** The identifiers of all blobs that a version or a part uses. */
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
