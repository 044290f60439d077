import { Bucket } from "./bucket.js";
import type { Blob, Upload, Version } from "./model.js";
import type { JournalRecord } from "./record.js";

/** All that the store knows, in memory: what its journal's records add up to. */
export class State {
  readonly buckets = new Map<string, Bucket>();
  #lastSequence = 0;

  /** A number greater than that of any version there has been. */
  nextSequence(): number {
    return this.#lastSequence + 1;
  }

  /**
   * @returns The blobs that nothing needs any more.
   * @throws {Error} The record does not fit what came before it: the journal is not one of this program's.
   */
  apply(record: JournalRecord): readonly Blob[] {
    switch (record.op) {
      case "create-bucket":
        this.buckets.set(record.bucket, new Bucket(record.bucket, record.created));
        return [];
      case "delete-bucket":
        this.buckets.delete(record.bucket);
        return [];
      case "set-versioning":
        this.#bucket(record.bucket).versioning = record.versioning;
        return [];
      case "put-version":
        return this.#addVersion(record.bucket, record.key, record.version);
      case "remove-version":
        return blobsOf(this.#bucket(record.bucket).removeVersion(record.key, record.versionId));
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
        const parts = this.#endUpload(record.bucket, record.uploadId).filter(({ id }) => !kept.has(id));
        return [...parts, ...this.#addVersion(record.bucket, record.key, record.version)];
      }
    }
  }

  #addVersion(bucket: string, key: string, version: Version): readonly Blob[] {
    this.#lastSequence = Math.max(this.#lastSequence, version.sequence);
    return blobsOf(this.#bucket(bucket).addVersion(key, version));
  }

  #endUpload(bucket: string, uploadId: string): readonly Blob[] {
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

function blobsOf(version: Version | undefined): readonly Blob[] {
  return version?.kind === "object" ? version.blobs : [];
}
