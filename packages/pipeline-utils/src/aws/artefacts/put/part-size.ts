const MIB_BYTES = 1024 * 1024;

/** Limit of a body that goes in one request, and the part size of larger ones, in bytes. */
export const DEFAULT_PART_BYTES = 8 * MIB_BYTES;

/**
 * S3's limit on the parts of an upload.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export const MAX_PARTS_PER_UPLOAD = 10_000;

/**
 * The part size in bytes. It exceeds the default only for bodies of more than 78 GiB, which would otherwise need too
 * many parts.
 */
export function partSizeFor(size: number | undefined): number {
  if (size === undefined) {
    return DEFAULT_PART_BYTES;
  }
  return Math.max(DEFAULT_PART_BYTES, Math.ceil(size / MAX_PARTS_PER_UPLOAD / MIB_BYTES) * MIB_BYTES);
}
