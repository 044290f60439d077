import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError } from "../../../errors.js";
import { callS3 } from "../call-s3.js";
import { addressOf } from "../location.js";
import { statusOf } from "../s3-error.js";

/** Which object is wanted, exactly. */
export interface ObjectReference {
  readonly bucket: string;
  readonly key: string;
  /** ETag without quotes; any other object at the key is refused. */
  readonly etag?: string | undefined;
  readonly versionId?: string | undefined;
}

/**
 * Ask for an object's bytes from an offset on, on condition that it is the one that was listed or recorded.
 *
 * @throws {ArtefactNotFoundError} No such object or version.
 * @throws {ArtefactChangedError} Another object is at the key.
 * @throws {S3AccessError}
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export async function openBody(
  { bucket, key, etag, versionId }: ObjectReference,
  offset: number,
  { client, signal }: { readonly client: S3Client; readonly signal?: AbortSignal | undefined },
): Promise<GetObjectCommandOutput> {
  const address = addressOf(bucket, key);
  return callS3(client, address, signal, async (options) => {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
      ...(versionId === undefined ? {} : { VersionId: versionId }),
      ...(offset === 0 ? {} : { Range: `bytes=${offset}-` }),
    });
    try {
      return await client.send(command, options);
    } catch (error) {
      // 416: it has become shorter than what was read of it.
      const status = statusOf(error);
      if (status !== 412 && status !== 416) throw error;
      throw new ArtefactChangedError(
        `${address}: another object is there now: expected the one with ETag ${etag ?? "read so far"}`,
        { cause: error },
      );
    }
  });
}
