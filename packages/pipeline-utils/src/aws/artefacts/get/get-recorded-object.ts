import { ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError, ArtefactNotFoundError, S3AccessError } from "../../../errors.js";
import { unquoteEtag } from "../../etag.js";
import { callS3 } from "../call-s3.js";
import { addressOf } from "../location.js";
import type { TransferOptions } from "../options.js";
import type { VerifiedBody } from "./body.js";
import { getObject } from "./get-object.js";
import type { ObjectReference } from "./open-body.js";

/** Limit of a search. A key that is written once an hour has fewer versions after a year. */
const MAX_VERSIONS = 10_000;
/** S3's limit of versions per listing. */
const PAGE_SIZE = 1000;

/** Result of a search through the versions of a key. */
interface FoundVersion {
  /** The latest version with the ETag; undefined if none was found. */
  readonly versionId: string | undefined;
  /** Whether the search covered all versions that the bucket keeps. */
  readonly isComplete: boolean;
}

/**
 * Open the object that was recorded.
 *
 * The record may have no version, and the object may have been replaced or deleted since. The object is then searched
 * by its ETag in the versions that the bucket keeps.
 *
 * @throws {ArtefactNotFoundError} The object was deleted, and no kept version has its ETag.
 * @throws {ArtefactChangedError} Another object is at the key now, and no kept version has the ETag.
 * @throws {S3AccessError} Also if the versions cannot be listed, because the object may still exist then.
 */
export async function getRecordedObject(
  reference: ObjectReference,
  options: TransferOptions & { readonly client: S3Client },
): Promise<VerifiedBody> {
  try {
    return await getObject(reference, options);
  } catch (error) {
    const isElsewhere = error instanceof ArtefactNotFoundError || error instanceof ArtefactChangedError;
    const { etag, versionId } = reference;
    if (!isElsewhere || etag === undefined || versionId !== undefined) {
      throw error;
    }
    return getObject({ ...reference, versionId: await versionOf(reference, etag, error, options) }, options);
  }
}

async function versionOf(
  { bucket, key }: ObjectReference,
  etag: string,
  fault: ArtefactNotFoundError | ArtefactChangedError,
  options: { readonly client: S3Client; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const address = addressOf(bucket, key);
  const found = await findVersionByEtag({ bucket, key, etag }, options).catch((error: unknown) => {
    if (!(error instanceof S3AccessError)) {
      throw error;
    }
    const message = `${fault.message}; its versions cannot be listed: ${error.message}`;
    throw new S3AccessError(message, { cause: error, retryable: error.retryable });
  });
  if (found.versionId !== undefined) {
    return found.versionId;
  }
  const none = found.isComplete ? "no kept version has" : `none of its latest ${MAX_VERSIONS} versions has`;
  if (fault instanceof ArtefactNotFoundError) {
    throw new ArtefactNotFoundError(`${address}: no such object, and ${none} ETag ${etag}`, { cause: fault });
  }
  const message = `${address}: another object is there now, and ${none} the expected ETag ${etag}`;
  throw new ArtefactChangedError(message, { cause: fault });
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
    const command = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, ...marker });
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
