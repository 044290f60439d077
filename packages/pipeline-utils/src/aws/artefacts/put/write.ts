import type { S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError, ArtefactExistsError } from "../../../errors.js";
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
  readonly onProgress: ((progress: TransferProgress) => void) | undefined;
}

/** What a write left behind. */
export interface Written {
  /** Without quotes. */
  readonly etag: string;
  readonly versionId: string | undefined;
}

/**
 * What S3 keeps of a write that has succeeded, asked for where the answer told too little.
 *
 * @param etag - As computed from the bytes: what holds if the object was replaced or deleted meanwhile.
 * @throws {ArtefactChangedError} The server's ETag is not that of the bytes.
 * @throws {S3AccessError} The server tells no ETag.
 */
export async function askWritten(write: Write, written: Written, etag: string): Promise<Written> {
  const { client, bucket, key, writeId, signal } = write;
  const head = await headObject(client, bucket, key, { signal, versionId: written.versionId });
  if (head?.Metadata?.[WRITE_ID_METADATA] !== writeId) return { etag, versionId: written.versionId };
  const address = addressOf(bucket, key);
  const found = requireEtag(head.ETag, address);
  const isEncrypted = head.ServerSideEncryption?.startsWith("aws:kms") ?? false;
  if (found !== etag && !isEncrypted)
    throw new ArtefactChangedError(`${address}: written wrongly: its ETag is ${found}, expected ${etag}`);
  return { etag: found, versionId: head.VersionId ?? written.versionId };
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
