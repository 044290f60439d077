import type { S3Client } from "@aws-sdk/client-s3";

import { partsOfEtag } from "../../etag.js";
import { headObject } from "../head-object.js";
import { PART_SIZE_METADATA } from "../metadata.js";
import type { ObjectReference, OpenBody } from "./open-body.js";

/**
 * Whether an object was put together of other parts than its metadata say, as a copy may be: then its ETag tells nothing of its bytes,
 * and their sha256 has to. A server that does not know is given the benefit of the doubt.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function isOfOtherParts(
  { bucket, key, versionId }: ObjectReference,
  { etag, Metadata, VersionId = versionId }: OpenBody,
  { client, signal }: { readonly client: S3Client; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  if (partsOfEtag(etag) === undefined) return false;
  const part = await headObject(client, bucket, key, { signal, versionId: VersionId, partNumber: 1 });
  return part?.PartsCount === undefined || part.ContentLength !== Number(Metadata?.[PART_SIZE_METADATA]);
}
