/** Names of the user metadata that this package writes. S3 stores them in lower case, with the prefix `x-amz-meta-`. */

/** Hex sha256 of the body. */
export const SHA256_METADATA = "sha256";

/** Part size of a multipart upload, in bytes. The ETag depends on it. */
export const PART_SIZE_METADATA = "part-size";

/** Random id of the call that wrote the object. After a lost answer, it shows whether that write created the object. */
export const WRITE_ID_METADATA = "write-id";
