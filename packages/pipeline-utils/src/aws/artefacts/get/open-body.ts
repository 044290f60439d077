import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError, S3AccessError } from "../../../errors.js";
import { callS3 } from "../call-s3.js";
import { addressOf } from "../location.js";
import { requireEtag } from "../../etag.js";
import { statusOf } from "../../s3-error.js";
import sdk from "../../s3-sdk.cjs";

/** Identifies the wanted object exactly. */
export interface ObjectReference {
  readonly bucket: string;
  readonly key: string;
  /** ETag without quotes. Any other object at the key is rejected. */
  readonly etag?: string | undefined;
  readonly versionId?: string | undefined;
}

/** An answer whose ETag and length are known. */
export type OpenBody = GetObjectCommandOutput & {
  /** Without quotes. */
  readonly etag: string;
  /** Length of the body in bytes. */
  readonly length: number;
};

/**
 * Request an object's bytes from an offset on, if it is still the object that was listed or recorded.
 *
 * A server may ignore the conditions of the request, so the answer is checked as well.
 *
 * @throws {ArtefactNotFoundError} The object or version does not exist.
 * @throws {ArtefactChangedError} Another object is at the key.
 * @throws {S3AccessError} Also if the answer has no ETag or no length, or starts at another byte.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export async function openBody(
  { bucket, key, etag, versionId }: ObjectReference,
  offset: number,
  { client, signal }: { readonly client: S3Client; readonly signal?: AbortSignal | undefined },
): Promise<OpenBody> {
  const address = addressOf(bucket, key);
  const answer = await callS3(client, address, signal, async (options) => {
    const command = new sdk.GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
      ...(versionId === undefined ? {} : { VersionId: versionId }),
      ...(offset === 0 ? {} : { Range: `bytes=${offset}-` }),
    });
    try {
      return await client.send(command, options);
    } catch (error) {
      // 416: the object is now shorter than the bytes already read.
      const status = statusOf(error);
      if (status !== 412 && status !== 416) {
        throw error;
      }
      throw changedError(address, etag, error);
    }
  });
  try {
    const found = requireEtag(answer.ETag, address);
    if (etag !== undefined && found !== etag) {
      throw changedError(address, etag);
    }
    if (answer.ContentLength === undefined) {
      throw unusable(address, "does not say how long the object is");
    }
    if (offset > 0 && answer.$metadata.httpStatusCode !== 206) {
      throw unusable(address, `does not start at byte ${offset}, as requested`);
    }
    return { ...answer, etag: found, length: answer.ContentLength };
  } catch (error) {
    dropBody(answer);
    throw error;
  }
}

/** Discard a body that nobody will read. Otherwise its connection would wait for a reader. */
export function dropBody({ Body }: GetObjectCommandOutput): void {
  if (Body !== undefined && "destroy" in Body) {
    Body.destroy();
  }
}

function changedError(address: string, etag: string | undefined, cause?: unknown): ArtefactChangedError {
  return new ArtefactChangedError(
    `${address}: another object is there now: expected the one with ETag ${etag ?? "read so far"}`,
    { cause },
  );
}

function unusable(address: string, fault: string): S3AccessError {
  return new S3AccessError(`${address}: the server's answer ${fault}`, { retryable: false });
}
