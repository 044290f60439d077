import { randomBytes } from "node:crypto";
import { checksumAlgorithm, checksumType } from "../body/checksums.js";
import { receiveBytes } from "../body/receiver.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import { element, xmlDocument } from "../xml/writer.js";
import { encryptionHeaders, readAttributes } from "./attributes.js";
import type { OperationContext } from "./operation.js";
import { checkKey } from "./operation.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export async function createMultipartUpload({
  store,
  request,
  signature,
}: OperationContext): Promise<S3Response> {
  const { key } = request;
  checkKey(key);
  const attributes = readAttributes(request);
  const algorithmName = request.headers.get("x-amz-checksum-algorithm");
  const algorithm = algorithmName === undefined ? undefined : checksumAlgorithm(algorithmName);
  const type = algorithm && checksumType(algorithm, request.headers.get("x-amz-checksum-type"));
  await receiveBytes(request, signature);
  const bucket = store.bucket(request.bucket);
  const uploadId = randomBytes(24).toString("base64url");
  store.commit({
    op: "begin-upload",
    bucket: bucket.name,
    upload: {
      uploadId,
      key,
      initiated: Date.now(),
      ...(algorithm === undefined ? {} : { checksumAlgorithm: algorithm }),
      ...(type === "FULL_OBJECT" && { isFullObject: true }),
      ...attributes,
    },
  });
  const body = xmlDocument("InitiateMultipartUploadResult", [
    element("Bucket", bucket.name),
    element("Key", key),
    element("UploadId", uploadId),
  ]);
  return xmlResponse(body, {
    ...encryptionHeaders(attributes),
    ...(algorithm !== undefined &&
      type !== undefined && { "x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": type }),
  });
}
