import type { HeadObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError, ArtefactExistsError, S3AccessError } from "../../../errors.js";
import type { PipelineUtilsError } from "../../../errors.js";
import { unquoteEtag } from "../../etag.js";
import { statusOf } from "../../s3-error.js";
import { addressOf } from "../location.js";
import { headObject, WRITE_ID_METADATA } from "../metadata.js";
import type { TransferProgress } from "../options.js";

/** One write of one object, under way. */
export interface Write {
  /** Adds the headers of the caller to its requests. */
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  readonly overwrite: boolean;
  /** ETag, without quotes, of the object to replace. */
  readonly ifMatch: string | undefined;
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

/** Whether an error comes from S3 and a retry can help. */
export function isRetryable(error: unknown): boolean {
  return error instanceof S3AccessError && error.retryable;
}

/** Whether a server answered that the condition of a write does not hold. */
export function isRejectedCondition(error: unknown): boolean {
  return error instanceof Error && (statusOf(error) === 412 || isRejectedCondition(error.cause));
}

/**
 * Choose the error that a failed write reports.
 *
 * If another writer has changed the key meanwhile, the result says so, because no retry can help.
 */
export async function errorOf(write: Write, error: unknown): Promise<unknown> {
  const { client, bucket, key, writeId, signal } = write;
  if (!isRetryable(error)) {
    return error;
  }
  const there = await headObject(client, bucket, key, { signal }).catch(() => undefined);
  if (there === undefined || there.Metadata?.[WRITE_ID_METADATA] === writeId) {
    return error;
  }
  return obstacleTo(write, there, error) ?? error;
}

/**
 * The error of a write that the object at its key prevents: an ArtefactExistsError or ArtefactChangedError. undefined if
 * the write may continue.
 *
 * @param there - The object at the key; undefined if there is none.
 */
export function obstacleTo(
  write: Write,
  there: HeadObjectCommandOutput | undefined,
  cause?: unknown,
): PipelineUtilsError | undefined {
  const { ifMatch, overwrite } = write;
  if (ifMatch !== undefined) {
    return etagOf(there) === ifMatch ? undefined : changedError(write, ifMatch, there, cause);
  }
  return there === undefined || overwrite ? undefined : existsError(write, cause);
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

/** The error of a write that may replace one object only, which is not at the key. */
function changedError(
  { bucket, key }: Pick<Write, "bucket" | "key">,
  ifMatch: string,
  there: HeadObjectCommandOutput | undefined,
  cause?: unknown,
): ArtefactChangedError {
  const found = there === undefined ? "there is no object" : `its ETag is ${etagOf(there)}`;
  return new ArtefactChangedError(`${addressOf(bucket, key)}: ${found}, expected ETag ${ifMatch} (ifMatch)`, {
    cause,
  });
}

/** The ETag in an answer, without quotes; "" if it has none. */
export function etagOf(there: HeadObjectCommandOutput | undefined): string {
  return unquoteEtag(there?.ETag ?? "");
}
