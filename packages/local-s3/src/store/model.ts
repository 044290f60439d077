/** The checksum algorithms that this server computes; S3 has CRC64NVME too. */
export const checksumAlgorithms = ["CRC32", "CRC32C", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; of a composite checksum, of the parts' checksums and with `-` and the number of parts behind. */
  readonly value: string;
}

/** A file of the folder `blobs` and its length in bytes. */
export interface Blob {
  readonly id: string;
  readonly size: number;
}

/** What the writer of an object says about it, kept and sent back as it came. */
export interface Attributes {
  /** Content-Type and its like, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, names without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface VersionBase {
  /** Opaque to clients; "null" for what was written while versioning was not enabled. */
  readonly versionId: string;
  /** Ascending over all that is written to a store: a version's age, to page by. */
  readonly sequence: number;
  /** Milliseconds since 1970, UTC. */
  readonly modified: number;
}

export interface ObjectVersion extends VersionBase, Attributes {
  readonly kind: "object";
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** The content is these, one after another: one for a plain put, one a part for a multipart upload, none if empty. */
  readonly blobs: readonly Blob[];
  /** Whether a multipart upload made it. */
  readonly multipart: boolean;
  readonly checksum?: Checksum;
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
  readonly blobs: readonly Blob[];
  readonly modified: number;
  readonly checksum?: Checksum;
}

export interface NewUpload extends Attributes {
  readonly uploadId: string;
  readonly key: string;
  readonly initiated: number;
  /** The algorithm of the parts' checksums, if the client named one. */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
}

export interface Upload extends NewUpload {
  /** By part number. */
  readonly parts: Map<number, Part>;
}

export const versioningStates = ["Enabled", "Suspended"] as const;
export type Versioning = (typeof versioningStates)[number];
