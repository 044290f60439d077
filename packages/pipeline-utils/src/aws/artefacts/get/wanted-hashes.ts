import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";

import { isMd5Etag, partsOfEtag } from "../../etag.js";
import type { WantedHashes } from "../../etag.js";
import { PART_SIZE_METADATA, SHA256_METADATA } from "../metadata.js";

/**
 * What can be checked of an object. Under SSE-KMS and SSE-C an ETag is no MD5; that of a multipart upload can be computed only
 * if the size of its parts is known.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function wantedHashes(answer: GetObjectCommandOutput, etag: string): WantedHashes {
  const sha256 = answer.Metadata?.[SHA256_METADATA] !== undefined;
  const isEncrypted = answer.ServerSideEncryption?.startsWith("aws:kms") ?? false;
  if (isEncrypted || answer.SSECustomerAlgorithm !== undefined) return { sha256, md5: "none" };
  if (isMd5Etag(etag)) return { sha256, md5: "whole" };
  const partSize = Number(answer.Metadata?.[PART_SIZE_METADATA]);
  const isKnown = partsOfEtag(etag) !== undefined && Number.isSafeInteger(partSize) && partSize > 0;
  return { sha256, md5: isKnown ? { partSize } : "none" };
}
