import { queryValue, type S3Request } from "../http/s3-request.js";
import { S3Error } from "../s3-error.js";
import type { Upload } from "../store/model.js";
import type { Store } from "../store/store.js";

/**
 * The multipart upload that a request names, of that very bucket and key.
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
