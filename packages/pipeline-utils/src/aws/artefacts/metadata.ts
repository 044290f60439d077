/** User metadata that this package writes; S3 keeps its names in lower case and prefixes them with `x-amz-meta-`. */

/** Hex sha256 of the body. */
export const SHA256_METADATA = "sha256";

/** Size in bytes of the parts of a multipart upload, which its ETag depends on. */
export const PART_SIZE_METADATA = "part-size";

/** A random id of the call that wrote the object, by which a write knows its own after a lost answer. */
export const WRITE_ID_METADATA = "write-id";
