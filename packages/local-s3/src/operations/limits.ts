/** S3's limits. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */

/** On one PUT, of an object or of a part, and on the source of a copy: 5 GiB. */
export const maxPutBytes = 5 * 1024 ** 3;

/** On a key, in UTF-8. */
export const maxKeyBytes = 1024;

/** On user metadata: names and values together, in UTF-8. */
export const maxMetadataBytes = 2048;

/** On the parts of an upload. */
export const maxPartNumber = 10_000;

/** Every part but the last has at least this many bytes. */
export const minPartBytes = 5 * 1024 ** 2;

/** On the keys of one deletion. */
export const maxDeletedObjects = 1000;
