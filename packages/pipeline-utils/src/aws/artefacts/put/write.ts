import type { S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError, ArtefactExistsError, S3AccessError } from "../../../errors.js";
import { headObject, WRITE_ID_METADATA } from "../metadata.js";
import { addressOf } from "../location.js";
import type { TransferProgress } from "../options.js";
import { requireEtag } from "../../etag.js";

/** One write of one object, under way. */
export interface Write {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly overwrite: boolean;
  readonly skipUnchanged: boolean;
  /** Random id that is stored with the object. It identifies this write's object after a lost answer. */
  readonly writeId: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: TransferProgress) => void;
}

/** The object that a write created. */
export interface Written {
  /** Without quotes. */
  readonly etag: string;
  readonly versionId: string | undefined;
}

/**
 * Ask S3 about a successful write whose ETag is not the one computed from the bytes.
 *
 * radosgw leaves out the ETag of a completed multipart upload. With SSE-KMS, the ETag is not derived from the bytes.
 *
 * @param etag - Computed from the bytes. Returned if S3 cannot be asked, or the object was replaced or deleted
 *   meanwhile.
 * @throws {ArtefactChangedError} The server's ETag is not that of the bytes.
 * @throws {S3AccessError} The server gives no ETag.
 */
export async function confirmWritten(write: Write, written: Written, etag: string): Promise<Written> {
  const { client, bucket, key, writeId, signal } = write;
  const { versionId } = written;
  if (written.etag === etag) {
    return written;
  }
  const head = await headObject(client, bucket, key, { signal, versionId }).catch((error: unknown) => {
    // The write succeeded; a failed check must not report it as failed.
    if (!(error instanceof S3AccessError)) {
      throw error;
    }
    return undefined;
  });
  if (head?.Metadata?.[WRITE_ID_METADATA] !== writeId) {
    return { etag: written.etag || etag, versionId };
  }
  const address = addressOf(bucket, key);
  const found = requireEtag(head.ETag, address);
  const isEncrypted = head.ServerSideEncryption?.startsWith("aws:kms") ?? false;
  if (found !== etag && !isEncrypted) {
    throw new ArtefactChangedError(
      `${address}: damaged while it was written: its ETag is ${found}, expected ${etag}`,
    );
  }
  return { etag: found, versionId: head.VersionId ?? versionId };
}

/** Whether an error comes from S3 and a retry can help. */
export function isRetryable(error: unknown): boolean {
  return error instanceof S3AccessError && error.retryable;
}

/**
 * Choose the error that a failed write reports.
 *
 * If another writer has taken the key meanwhile, the result is an ArtefactExistsError, because no retry can help.
 */
export async function errorOf(write: Write, error: unknown): Promise<unknown> {
  const { client, bucket, key, overwrite, writeId, signal } = write;
  if (overwrite || !isRetryable(error)) {
    return error;
  }
  const there = await headObject(client, bucket, key, { signal }).catch(() => undefined);
  if (there === undefined || there.Metadata?.[WRITE_ID_METADATA] === writeId) {
    return error;
  }
  return existsError(write, error);
}

/** The error of a write that may not replace the existing object. */
export function existsError(
  { bucket, key }: Pick<Write, "bucket" | "key">,
  cause?: unknown,
): ArtefactExistsError {
  return new ArtefactExistsError(
    `${addressOf(bucket, key)} exists already; pass overwrite: true to replace it`,
    { cause },
  );
}
