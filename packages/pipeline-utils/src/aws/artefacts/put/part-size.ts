const MIB = 1024 * 1024;

/** What goes in one request, and the size of the parts of what is more. */
export const DEFAULT_PART_SIZE = 8 * MIB;

/** S3's bound on the number of parts. */
export const MAX_PARTS = 10_000;

/** The size of the parts in bytes: more than the default only for bodies known to be above 78 GiB, which it would not hold. */
export function partSizeFor(size: number | undefined): number {
  if (size === undefined) {
    return DEFAULT_PART_SIZE;
  }
  return Math.max(DEFAULT_PART_SIZE, Math.ceil(size / MAX_PARTS / MIB) * MIB);
}
