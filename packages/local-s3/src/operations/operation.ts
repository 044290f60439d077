import type { SignatureContext } from "../auth/signature-v4.js";
import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import { queryValue } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import type { Upload } from "../store/records.js";
import type { Store } from "../store/store.js";

/** The input of an S3 operation. The signature has been verified; the body has not been read. */
export interface OperationContext {
  readonly store: Store;
  readonly request: S3Request;
  readonly signature: SignatureContext;
}

export type Operation = (context: OperationContext) => Promise<S3Response>;

/**
 * Limit on one PUT, of an object or of a part, and on the source of a copy: 5 GiB.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html for this and the following limits
 */
export const MAX_PUT_BYTES = 5 * 1024 ** 3;

/** Limit on a key, in UTF-8. */
const MAX_KEY_BYTES = 1024;

/** Limit on user metadata: names and values together, in UTF-8. */
export const MAX_METADATA_BYTES = 2048;

/** Limit on the number of parts of an upload, and on their numbers. */
export const MAX_PART_NUMBER = 10_000;

/** Every part except the last has at least this size. */
export const MIN_PART_BYTES = 5 * 1024 ** 2;

/** Limit on the keys of one DeleteObjects request. */
export const MAX_BULK_DELETE_KEYS = 1000;

/** @throws {S3Error} KeyTooLongError. */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > MAX_KEY_BYTES) {
    throw new S3Error("KeyTooLongError", "Your key is too long", {
      details: { Size: String(size), MaxSizeAllowed: String(MAX_KEY_BYTES) },
    });
  }
}

/**
 * Find the multipart upload that a request names. Its bucket and key must be those of the request.
 *
 * @throws {S3Error} NoSuchUpload.
 */
export function findUpload(store: Store, request: S3Request): Upload {
  const uploadId = queryValue(request, "uploadId") ?? "";
  const upload = store.bucket(request.bucket).uploads.get(uploadId);
  if (upload?.key !== request.key) {
    throw new S3Error(
      "NoSuchUpload",
      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
      { details: { UploadId: uploadId } },
    );
  }
  return upload;
}
