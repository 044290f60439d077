/** The checksum algorithms that this server computes. */
export const CHECKSUM_ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. A composite checksum is that of the parts' checksums, followed by `-` and the number of parts. */
  readonly value: string;
}

/** A file of the folder `blobs` and its length in bytes. */
export interface StoredBlob {
  readonly id: string;
  readonly size: number;
}

/** Tags of an object or a bucket, by their keys. */
export type Tags = Readonly<Record<string, string>>;

/** Headers, metadata and tags from the writer of an object, stored and returned unchanged. */
export interface Attributes {
  /** Content-Type and its like, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, names without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags?: Tags;
}

interface VersionBase {
  /** Opaque to clients; "null" for a version that was written while versioning was not enabled. */
  readonly versionId: string;
  /** Ascending over all versions of a store: orders versions by age, also across pages. */
  readonly sequence: number;
  /** Milliseconds since 1970, UTC. */
  readonly modified: number;
}

export interface ObjectVersion extends VersionBase, Attributes {
  readonly kind: "object";
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** The content, in order: one blob for a plain put, one per part for a multipart upload, none if empty. */
  readonly blobs: readonly StoredBlob[];
  /** Whether a multipart upload made it. */
  readonly multipart: boolean;
  readonly checksum?: Checksum;
  /** The parts that a composite checksum covers. */
  readonly parts?: readonly CheckedPart[];
}

export interface CheckedPart {
  readonly partNumber: number;
  readonly size: number;
  /** Base64, by the algorithm of the object's checksum. */
  readonly checksum: string;
}

export interface DeleteMarker extends VersionBase {
  readonly kind: "delete-marker";
}

export type Version = ObjectVersion | DeleteMarker;

export interface Part {
  readonly partNumber: number;
  readonly size: number;
  /** MD5 of the part in hexadecimal. */
  readonly etag: string;
  readonly blobs: readonly StoredBlob[];
  readonly modified: number;
  readonly checksum?: Checksum;
}

export interface NewUpload extends Attributes {
  readonly uploadId: string;
  readonly key: string;
  readonly initiated: number;
  /** The algorithm of the parts' checksums, if the client named one. */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  /** Whether the object's checksum covers its bytes. Default: it covers the parts' checksums. */
  readonly isFullObject?: boolean;
}

export interface Upload extends NewUpload {
  /** By part number. */
  readonly parts: Map<number, Part>;
}

export const VERSIONING_STATES = ["Enabled", "Suspended"] as const;
export type Versioning = (typeof VERSIONING_STATES)[number];

/** One change of the store: a line of the journal. A record is applied completely or not at all. */
export type JournalRecord =
  | {
      readonly op: "create-bucket";
      readonly bucket: string;
      readonly created: number;
      /** As the client named it. Default: us-east-1. */
      readonly region?: string;
      readonly tags?: Tags;
    }
  | { readonly op: "delete-bucket"; readonly bucket: string }
  | { readonly op: "set-versioning"; readonly bucket: string; readonly versioning: Versioning }
  | { readonly op: "set-bucket-tags"; readonly bucket: string; readonly tags: Tags }
  | { readonly op: "put-version"; readonly bucket: string; readonly key: string; readonly version: Version }
  | {
      readonly op: "remove-version";
      readonly bucket: string;
      readonly key: string;
      readonly versionId: string;
    }
  | {
      readonly op: "set-tags";
      readonly bucket: string;
      readonly key: string;
      readonly versionId: string;
      readonly tags: Tags;
    }
  | { readonly op: "begin-upload"; readonly bucket: string; readonly upload: NewUpload }
  | { readonly op: "put-part"; readonly bucket: string; readonly uploadId: string; readonly part: Part }
  | { readonly op: "abort-upload"; readonly bucket: string; readonly uploadId: string }
  | {
      readonly op: "complete-upload";
      readonly bucket: string;
      readonly uploadId: string;
      readonly key: string;
      readonly version: Version;
    };
