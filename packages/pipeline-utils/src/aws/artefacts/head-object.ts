import type { HeadObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";

import { callS3 } from "./call-s3.js";
import { addressOf } from "./location.js";
import { statusOf } from "../s3-error.js";
import sdk from "../s3-sdk.cjs";

/**
 * What S3 knows of an object; undefined if there is none.
 *
 * @throws {S3AccessError}
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function headObject(
  client: S3Client,
  bucket: string,
  key: string,
  {
    signal,
    versionId,
    partNumber,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly versionId?: string | undefined;
    /** Of what was uploaded in parts: how long this one is. Servers may pass over it: those that do not tell `PartsCount` too. */
    readonly partNumber?: number;
  },
): Promise<HeadObjectCommandOutput | undefined> {
  return callS3(client, addressOf(bucket, key), signal, async (options) => {
    try {
      return await client.send(
        new sdk.HeadObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(versionId === undefined ? {} : { VersionId: versionId }),
          ...(partNumber === undefined ? {} : { PartNumber: partNumber }),
        }),
        options,
      );
    } catch (error) {
      // Answers to HEAD have no body: of a missing bucket too no more is known than 404.
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw error;
    }
  });
}
