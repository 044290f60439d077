import { checksumHeaders } from "../body/checksums.js";
import { receiveBody } from "../body/receiver.js";
import { invalidArgument, S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import { queryValue } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import type { Part } from "../store/records.js";
import { encryptionHeaders } from "./attributes.js";
import { checkCustomerKey } from "./customer-key.js";
import type { OperationContext } from "./operation.js";
import { findUpload, MAX_PART_NUMBER, MAX_PUT_BYTES } from "./operation.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export async function uploadPart({ store, request, signature }: OperationContext): Promise<S3Response> {
  const partNumber = readPartNumber(request);
  const upload = findUpload(store, request);
  const { uploadId, checksumAlgorithm: algorithm } = upload;
  checkCustomerKey(request, upload);
  const { blobs, result } = await store.blobs.write((write) =>
    receiveBody(request, signature, write, { limit: MAX_PUT_BYTES, algorithm }),
  );
  try {
    if (algorithm !== undefined && result.checksum?.algorithm !== algorithm) {
      throw new S3Error(
        "InvalidRequest",
        `Checksum Type mismatch occurred, expected checksum Type: ${algorithm}, actual checksum Type: ${result.checksum?.algorithm ?? "null"}`,
      );
    }
    // The upload may have been completed or aborted while the body arrived.
    findUpload(store, request);
    const part: Part = {
      partNumber,
      size: result.size,
      etag: result.md5.toString("hex"),
      blobs,
      modified: Date.now(),
      ...(result.checksum === undefined ? {} : { checksum: result.checksum }),
    };
    store.commit({ op: "put-part", bucket: request.bucket, uploadId, part });
    const headers = { ...checksumHeaders(part.checksum), ...encryptionHeaders(upload) };
    return { status: 200, headers: { etag: `"${part.etag}"`, ...headers } };
  } catch (error) {
    store.blobs.remove(blobs);
    throw error;
  }
}

/** @throws {S3Error} InvalidArgument. */
export function readPartNumber(request: S3Request): number {
  const value = queryValue(request, "partNumber") ?? "";
  const number = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > MAX_PART_NUMBER) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`,
      "partNumber",
      value,
    );
  }
  return number;
}
