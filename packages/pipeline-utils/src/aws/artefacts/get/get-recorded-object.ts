import type { S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError, ArtefactNotFoundError, S3AccessError } from "../../../errors.js";
import { addressOf } from "../location.js";
import type { TransferOptions } from "../options.js";
import type { VerifiedBody } from "./body.js";
import { findVersionByEtag, MAX_VERSIONS } from "./find-version.js";
import { getObject } from "./get-object.js";
import type { ObjectReference } from "./open-body.js";

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
