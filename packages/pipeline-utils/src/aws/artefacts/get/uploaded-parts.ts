import type { S3Client } from "@aws-sdk/client-s3";

import { S3AccessError } from "../../../errors.js";
import { partsOfEtag, unquoteEtag } from "../../etag.js";
import { headObject } from "../metadata.js";
import type { ObjectReference, OpenBody } from "./open-body.js";

interface Options {
  readonly client: S3Client;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The size in bytes of an object's first part. All parts but the last usually have this size.
 *
 * @returns undefined if the server does not give it.
 */
export async function partSizeOf(
  reference: ObjectReference,
  answer: OpenBody,
  options: Options,
): Promise<number | undefined> {
  return sizeOfPart(1, reference, answer, options);
}

/**
 * Whether an object consists of parts of unequal size, so that the ETag computed for one size proves nothing. If the server cannot
 * tell, the answer is yes.
 */
export async function hasUnequalParts(
  partSize: number,
  reference: ObjectReference,
  answer: OpenBody,
  options: Options,
): Promise<boolean> {
  const parts = partsOfEtag(answer.etag) ?? 1;
  // Skip the last part, which may have any size.
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
    // A server without part numbers may answer with an error.
    if (error instanceof S3AccessError && !error.retryable) {
      return undefined;
    }
    throw error;
  });
  const isKnown = part?.PartsCount !== undefined && unquoteEtag(part.ETag ?? "") === etag;
  return isKnown && part.ContentLength !== 0 ? part.ContentLength : undefined;
}
