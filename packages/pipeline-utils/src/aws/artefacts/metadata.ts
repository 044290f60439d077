import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import type { HeadObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";

import { statusOf } from "../s3-error.js";
import { callS3, dropBody, headWithReason } from "./call-s3.js";
import { addressOf } from "./location.js";

// Names of the user metadata that this package writes. S3 stores them in lower case, with the prefix `x-amz-meta-`.

/** Hex sha256 of the body. */
export const SHA256_METADATA = "sha256";

/**
 * The sha256 that an object's metadata records, in hex and lower case.
 *
 * @returns undefined if there is none. Other programs may use the name for something else.
 */
export function recordedSha256({ Metadata }: Pick<HeadObjectCommandOutput, "Metadata">): string | undefined {
  const recorded = Metadata?.[SHA256_METADATA]?.toLowerCase() ?? "";
  return /^[0-9a-f]{64}$/.test(recorded) ? recorded : undefined;
}

/** Part size of a multipart upload, in bytes. The ETag depends on it. */
export const PART_SIZE_METADATA = "part-size";

/** Random id of the call that wrote the object. After a lost answer, it shows whether that write created the object. */
export const WRITE_ID_METADATA = "write-id";

/**
 * Get the metadata of an object; undefined if it does not exist.
 *
 * @throws {S3AccessError} S3 failed or denied access.
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
    /** Get the length of this part of a multipart upload. Servers may ignore it; their answers have no `PartsCount`. */
    readonly partNumber?: number;
  },
): Promise<HeadObjectCommandOutput | undefined> {
  return callS3(client, addressOf(bucket, key), signal, async (options) => {
    const object = { Bucket: bucket, Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
    const part = partNumber === undefined ? {} : { PartNumber: partNumber };
    try {
      return await headWithReason(
        () => client.send(new HeadObjectCommand({ ...object, ...part }), options),
        async () => {
          const command = new GetObjectCommand({ ...object, Range: "bytes=0-0" });
          dropBody(await client.send(command, options));
        },
      );
    } catch (error) {
      // Answers to HEAD have no body, so a missing bucket and a missing object both give 404 only.
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw error;
    }
  });
}
