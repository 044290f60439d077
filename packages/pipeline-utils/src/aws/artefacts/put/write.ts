import type { S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError, ArtefactExistsError, S3AccessError } from "../../../errors.js";
import { headObject } from "../head-object.js";
import { addressOf } from "../location.js";
import { WRITE_ID_METADATA } from "../metadata.js";
import type { TransferProgress } from "../options.js";
import { requireEtag } from "../require-etag.js";

/** One write of one object, under way. */
export interface Write {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly overwrite: boolean;
  readonly skipUnchanged: boolean;
  /** Random: by it the write knows its own object again after an answer was lost. */
  readonly writeId: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: TransferProgress) => void;
}

/** What a write left behind. */
export interface Written {
  /** Without quotes. */
  readonly etag: string;
  readonly versionId: string | undefined;
}

/**
 * What S3 keeps of a write that has succeeded, asked for where the answer does not tell it: radosgw leaves out the ETag of what was
 * put together of parts, and under SSE-KMS it is none of the bytes.
 *
 * @param etag - As computed from the bytes: what holds if the object was replaced or deleted meanwhile, or S3 cannot be asked.
 * @throws {ArtefactChangedError} The server's ETag is not that of the bytes.
 * @throws {S3AccessError} The server tells no ETag.
 */
export async function confirmWritten(write: Write, written: Written, etag: string): Promise<Written> {
  const { client, bucket, key, writeId, signal } = write;
  const { versionId } = written;
  if (written.etag === etag) {
    return written;
  }
  const head = await headObject(client, bucket, key, { signal, versionId }).catch((error: unknown) => {
    // What is written is not to look unwritten.
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
    throw new ArtefactChangedError(`${address}: written wrongly: its ETag is ${found}, expected ${etag}`);
  }
  return { etag: found, versionId: head.VersionId ?? versionId };
}

/** Whether an error is S3's, and one that a retry may help against. */
export function isPassing(error: unknown): boolean {
  return error instanceof S3AccessError && error.retryable;
}

/**
 * The error to tell of a write that failed. Where another has taken the key meanwhile, as one of many writers of it does, it is that:
 * no retry helps, whatever befell this one.
 */
export async function errorOf(write: Write, error: unknown): Promise<unknown> {
  const { client, bucket, key, overwrite, writeId, signal } = write;
  if (overwrite || !isPassing(error)) {
    return error;
  }
  const there = await headObject(client, bucket, key, { signal }).catch(() => undefined);
  if (there === undefined || there.Metadata?.[WRITE_ID_METADATA] === writeId) {
    return error;
  }
  return existsError(write, error);
}

/** The error of a write that may not replace what is there. */
export function existsError(
  { bucket, key }: Pick<Write, "bucket" | "key">,
  cause?: unknown,
): ArtefactExistsError {
  return new ArtefactExistsError(
    `${addressOf(bucket, key)} exists already; pass overwrite: true to replace it`,
    { cause },
  );
}
