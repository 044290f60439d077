import { isMd5Etag, partsOfEtag } from "../../etag.js";
import type { WantedHashes } from "../../etag.js";
import { PART_SIZE_METADATA, SHA256_METADATA } from "../metadata.js";
import type { OpenBody } from "./open-body.js";

/**
 * What can be checked of an object. Under SSE-KMS and SSE-C an ETag is no MD5; that of a multipart upload can be computed only
 * if the size of its parts is known. A copy may have been made in parts of another size, and has the metadata all the same: where
 * their number tells, the sha256 alone counts.
 *
 * @param askPartSize - Asked where neither a part size nor a sha256 was recorded, as by other programs.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export async function wantedHashes(
  answer: OpenBody,
  askPartSize: () => Promise<number | undefined>,
): Promise<WantedHashes> {
  const { etag, length, Metadata, ServerSideEncryption, SSECustomerAlgorithm } = answer;
  const sha256 = Metadata?.[SHA256_METADATA] !== undefined;
  const isEncrypted = ServerSideEncryption?.startsWith("aws:kms") ?? false;
  if (isEncrypted || SSECustomerAlgorithm !== undefined) {
    return { sha256, md5: "none" };
  }
  if (isMd5Etag(etag)) {
    return { sha256, md5: "whole" };
  }
  const parts = partsOfEtag(etag);
  if (parts === undefined) {
    return { sha256, md5: "none" };
  }
  const recorded = Number(Metadata?.[PART_SIZE_METADATA]);
  const isRecorded = Number.isSafeInteger(recorded) && recorded > 0;
  const partSize = isRecorded ? recorded : sha256 ? undefined : await askPartSize();
  if (partSize === undefined) {
    return { sha256, md5: "none" };
  }
  // Without a sha256 nothing else would show a body whose length was changed along with its header.
  const isOfOthers = sha256 && parts !== Math.ceil(length / partSize);
  return { sha256, md5: isOfOthers ? "none" : { partSize } };
}
