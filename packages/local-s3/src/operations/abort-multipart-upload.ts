import type { S3Response } from "../http/response.js";
import type { OperationContext } from "./operation.js";
import { findUpload } from "./operation.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export async function abortMultipartUpload({ store, request }: OperationContext): Promise<S3Response> {
  const { uploadId } = findUpload(store, request);
  store.commit({ op: "abort-upload", bucket: request.bucket, uploadId });
  return { status: 204 };
}
