import type { S3Client } from "@aws-sdk/client-s3";

import { S3AccessError } from "../../../errors.js";
import { partsOfEtag, unquoteEtag } from "../../etag.js";
import { headObject } from "../head-object.js";
import type { ObjectReference, OpenBody } from "./open-body.js";

interface Options {
  readonly client: S3Client;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The size in bytes of the parts that an object was uploaded in, if all but the last are as long as the first: what the server tells
 * of that one. Undefined if it does not.
 */
export async function partSizeOf(
  reference: ObjectReference,
  answer: OpenBody,
  options: Options,
): Promise<number | undefined> {
  return sizeOfPart(1, reference, answer, options);
}

/**
 * Whether an object was put together of parts of another size, as a copy may be that has the metadata of what it was copied from: then
 * the ETag computed for that size tells nothing of its bytes. A server that does not know is given the benefit of the doubt.
 */
export async function isOfOtherParts(
  partSize: number,
  reference: ObjectReference,
  answer: OpenBody,
  options: Options,
): Promise<boolean> {
  const parts = partsOfEtag(answer.etag) ?? 1;
  // The last one is as long as is left.
  for (let part = 1; part < parts; part++) {
    if ((await sizeOfPart(part, reference, answer, options)) !== partSize) {
      return true;
    }
  }
  return false;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
async function sizeOfPart(
  partNumber: number,
  { bucket, key, versionId }: ObjectReference,
  { etag, VersionId = versionId }: OpenBody,
  { client, signal }: Options,
): Promise<number | undefined> {
  const known = { signal, versionId: VersionId, partNumber };
  const part = await headObject(client, bucket, key, known).catch((error: unknown) => {
    // A server that does not know of parts may say so.
    if (error instanceof S3AccessError && !error.retryable) {
      return undefined;
    }
    throw error;
  });
  const isKnown = part?.PartsCount !== undefined && unquoteEtag(part.ETag ?? "") === etag;
  return isKnown && part.ContentLength !== 0 ? part.ContentLength : undefined;
}
