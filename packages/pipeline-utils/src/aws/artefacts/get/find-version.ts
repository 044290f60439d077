import type { S3Client } from "@aws-sdk/client-s3";

import { unquoteEtag } from "../../etag.js";
import { callS3 } from "../call-s3.js";
import { addressOf } from "../location.js";
import sdk from "../../s3-sdk.cjs";

/** Limit of a search. A key that is written once an hour has fewer versions after a year. */
export const MAX_VERSIONS = 10_000;
/** S3's limit of versions per listing. */
const PAGE_SIZE = 1000;

/** Result of a search through the versions of a key. */
export interface FoundVersion {
  /** The latest version with the ETag; undefined if none was found. */
  readonly versionId: string | undefined;
  /** Whether the search covered all versions that the bucket keeps. */
  readonly isComplete: boolean;
}

/**
 * Find the latest version of a key with an ETag. The search covers the latest 10,000 versions.
 *
 * @param etag - Without quotes.
 * @throws {S3AccessError} Also if the permission to list versions (`s3:ListBucketVersions`) is missing.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
export async function findVersionByEtag(
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
    // The prefix also matches longer keys, but the listing is sorted and the key itself comes first.
    const isOver = answer.IsTruncated !== true || answer.NextKeyMarker !== key;
    if (isOver) {
      return { versionId: undefined, isComplete: true };
    }
    marker = { KeyMarker: key, VersionIdMarker: answer.NextVersionIdMarker };
  }
  return { versionId: undefined, isComplete: false };
}
