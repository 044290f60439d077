import type { S3Client } from "@aws-sdk/client-s3";

import { unquoteEtag } from "../../etag.js";
import { callS3 } from "../call-s3.js";
import { addressOf } from "../location.js";
import sdk from "../../s3-sdk.cjs";

/** More than a key has that was written once an hour for a year. */
export const MAX_VERSIONS = 10_000;
/** S3 lists so many at a time. */
const PAGE_SIZE = 1000;

/** The outcome of a search through the versions of a key. */
export interface FoundVersion {
  /** The latest that has the ETag; undefined if none was found. */
  readonly versionId: string | undefined;
  /** Whether all that the bucket keeps were looked at. */
  readonly isComplete: boolean;
}

/**
 * Look through the versions of a key for the one with an ETag, the latest first, 10,000 of them at most.
 *
 * @param etag - Without quotes.
 * @throws {S3AccessError} Also if the versions may not be listed (`s3:ListBucketVersions`).
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
export async function findVersion(
  { bucket, key, etag }: { readonly bucket: string; readonly key: string; readonly etag: string },
  { client, signal }: { readonly client: S3Client; readonly signal?: AbortSignal | undefined },
): Promise<FoundVersion> {
  let marker = {};
  for (let page = 0; page < MAX_VERSIONS / PAGE_SIZE; page += 1) {
    const command = new sdk.ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, ...marker });
    const answer = await callS3(client, addressOf(bucket, key), signal, (options) =>
      client.send(command, options),
    );
    const versions = answer.Versions ?? [];
    const found = versions.find(({ Key, ETag = "" }) => Key === key && unquoteEtag(ETag) === etag);
    if (found !== undefined) {
      return { versionId: found.VersionId, isComplete: true };
    }
    // Of the keys that begin so it is the first one itself.
    const isOver = answer.IsTruncated !== true || answer.NextKeyMarker !== key;
    if (isOver) {
      return { versionId: undefined, isComplete: true };
    }
    marker = { KeyMarker: key, VersionIdMarker: answer.NextVersionIdMarker };
  }
  return { versionId: undefined, isComplete: false };
}
