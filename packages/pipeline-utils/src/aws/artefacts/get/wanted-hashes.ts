import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";

import { isMd5Etag, partsOfEtag } from "../../etag.js";
import type { WantedHashes } from "../../etag.js";
import { PART_SIZE_METADATA, SHA256_METADATA } from "../metadata.js";

/**
 * What can be checked of an object. Under SSE-KMS and SSE-C an ETag is no MD5; that of a multipart upload can be computed only
 * if the size of its parts is known. A copy may have been made in parts of another size, and has the metadata all the same: where
 * their number tells, the sha256 alone counts.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function wantedHashes(answer: GetObjectCommandOutput, etag: string): WantedHashes {
  const sha256 = answer.Metadata?.[SHA256_METADATA] !== undefined;
  const isEncrypted = answer.ServerSideEncryption?.startsWith("aws:kms") ?? false;
  if (isEncrypted || answer.SSECustomerAlgorithm !== undefined) return { sha256, md5: "none" };
  if (isMd5Etag(etag)) return { sha256, md5: "whole" };
  const partSize = Number(answer.Metadata?.[PART_SIZE_METADATA]);
  const parts = partsOfEtag(etag);
  const isKnown = parts !== undefined && Number.isSafeInteger(partSize) && partSize > 0;
  // Without a sha256 nothing else would show a body whose length was changed along with its header.
  const isOfOthers = sha256 && parts !== Math.ceil((answer.ContentLength ?? 0) / partSize);
  return { sha256, md5: isKnown && !isOfOthers ? { partSize } : "none" };
}
