import { createHash } from "node:crypto";

import { HeadBucketCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";

import { ArtefactNotFoundError, S3AccessError } from "../../../errors.js";
import type { PipelineUtilsError } from "../../../errors.js";
import { isEtag, requireEtag, unquoteEtag } from "../../etag.js";
import { statusOf } from "../../s3-error.js";
import { addressAt, callS3, headWithReason, isAws, pause } from "../call-s3.js";
import { addressOf } from "../location.js";
import { headObject, SHA256_METADATA, WRITE_ID_METADATA } from "../metadata.js";
import { etagOf, existsError, isRetryable, obstacleTo } from "./write.js";
import type { Write, Written } from "./write.js";

const CONFLICT_WAITS_MILLISECONDS = [50, 100, 200, 400, 800];

/** Condition under which S3 executes the request that makes an object appear. */
export interface WriteCondition {
  readonly IfNoneMatch?: "*";
  readonly IfMatch?: string;
}

/** Hashes of the bytes to be written, as far as they are known. */
export interface ContentHashes {
  /** As S3 would compute it; undefined before a multipart upload. */
  readonly etag: string | undefined;
  readonly sha256: string | undefined;
}

/**
 * Write an object in one request. The server checks the bytes by their MD5.
 *
 * @param isWanted - Called before anything is written.
 * @returns undefined if `isWanted` returned false.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export async function putWhole(
  write: Write,
  bytes: Uint8Array,
  isWanted: (hashes: ContentHashes) => Promise<boolean>,
): Promise<Written | undefined> {
  const { client, bucket, key } = write;
  const hashes = hashesOf(bytes);
  if (!(await isWanted({ etag: hashes.md5.toString("hex"), sha256: hashes.sha256 }))) {
    return undefined;
  }
  // The server may ignore the condition. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
  if (!(await isAws(client, bucket, key))) {
    await rejectIfTaken({ ...write, skipUnchanged: false });
  }
  return sendWhole(write, bytes, hashes);
}

/**
 * Write an object in one request, without a look at its key beforehand, which needs the permission to read.
 *
 * A server that ignores the condition may then replace another object. The key must be one that no other writer has.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export async function putUnread(write: Write, bytes: Uint8Array): Promise<Written> {
  return sendWhole(write, bytes, hashesOf(bytes));
}

function hashesOf(bytes: Uint8Array): { readonly md5: Buffer; readonly sha256: string } {
  return {
    md5: createHash("md5").update(bytes).digest(),
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

async function sendWhole(
  write: Write,
  bytes: Uint8Array,
  { md5, sha256 }: ReturnType<typeof hashesOf>,
): Promise<Written> {
  const { client, bucket, key, writeId, onProgress } = write;
  const written = await writeOnce(write, (options, condition) =>
    client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: bytes,
        ContentLength: bytes.length,
        ContentMD5: md5.toString("base64"),
        ...(key.endsWith(".html") && { ContentType: "text/html; charset=utf-8" }),
        Metadata: { [SHA256_METADATA]: sha256, [WRITE_ID_METADATA]: writeId },
        ...condition,
      }),
      options,
    ),
  );
  const confirmed = isEtag(written.etag) ? written : await confirmStored(write);
  onProgress({ bytesDone: bytes.length, bytesTotal: bytes.length });
  return confirmed;
}

/**
 * Ask the server for an object that it claims to have stored without giving an ETag.
 *
 * Every S3 server gives the ETag of a PUT. A server that does not may be a web server, which accepts everything and
 * stores nothing.
 *
 * @throws {S3AccessError} The server does not return the object or its ETag.
 */
async function confirmStored({ client, bucket, key, writeId, signal }: Write): Promise<Written> {
  const head = await headObject(client, bucket, key, { signal });
  const own = head?.Metadata?.[WRITE_ID_METADATA] === writeId ? head : undefined;
  return { etag: requireEtag(own?.ETag, addressOf(bucket, key)), versionId: own?.VersionId };
}

/** Sends the request that makes an object appear. */
type SendWrite = (
  options: { abortSignal?: AbortSignal },
  condition: WriteCondition,
) => Promise<{ ETag?: string | undefined; VersionId?: string | undefined }>;

/**
 * Send the request that makes an object appear, and determine its outcome even if the answer is lost.
 *
 * - After any error, the object at the key may come from this very write, whose answer was lost. Its write id shows
 *   that.
 * - If the object is another writer's, the write fails. A retry cannot help.
 *
 * @returns `etag` is "" if the server does not give it.
 * @throws {ArtefactExistsError} The key is taken.
 * @throws {ArtefactChangedError} The object at the key does not have the ETag `ifMatch`.
 * @throws {S3AccessError} Also if the server rejects a condition that the object at the key meets.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function writeOnce(write: Write, send: SendWrite): Promise<Written> {
  let refusal: unknown;
  for (const condition of conditionsOf(write)) {
    const outcome = await sendOnCondition(write, condition, send);
    if (!(outcome instanceof Error)) {
      return outcome;
    }
    refusal = outcome;
  }
  throw refusal;
}

/**
 * The forms of a write's condition, to be tried one after the other.
 *
 * S3 expects the ETag of If-Match in quotes. Ceph's radosgw takes it only without them, and answers 412 otherwise.
 */
function conditionsOf({ ifMatch, overwrite }: Write): readonly WriteCondition[] {
  if (ifMatch !== undefined) {
    return [{ IfMatch: `"${ifMatch}"` }, { IfMatch: ifMatch }];
  }
  return [overwrite ? {} : { IfNoneMatch: "*" }];
}

/**
 * Send a write on one condition, and send it again after a conflict with another write.
 *
 * With status 409, S3 itself asks for that: another conditional write is under way. With status 412 and no object at the
 * key, the object in the way was deleted meanwhile.
 *
 * @returns The refusal of a server that rejects If-Match, although the object at the key has that ETag.
 */
async function sendOnCondition(
  write: Write,
  condition: WriteCondition,
  send: SendWrite,
): Promise<Written | PipelineUtilsError> {
  const { client, bucket, key, signal, writeId, ifMatch } = write;
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      const answer = await callS3(client, addressOf(bucket, key), signal, async (options) =>
        send(options, condition),
      );
      return { etag: unquoteEtag(answer.ETag ?? ""), versionId: answer.VersionId };
    } catch (error) {
      signal?.throwIfAborted();
      const looked = await lookAt(write);
      signal?.throwIfAborted();
      if (looked?.there?.Metadata?.[WRITE_ID_METADATA] === writeId) {
        return { etag: etagOf(looked.there), versionId: looked.there.VersionId };
      }
      const status = error instanceof Error ? statusOf(error.cause) : undefined;
      const isRejected = status === 412 || (ifMatch !== undefined && error instanceof ArtefactNotFoundError);
      const obstacle = looked && obstacleTo(write, looked.there, error);
      if (obstacle !== undefined && (isRejected || isRetryable(error))) {
        throw obstacle;
      }
      if (isRejected && looked === undefined) {
        throw ifMatch === undefined ? existsError(write, error) : refusedError(write, error);
      }
      if (isRejected && ifMatch !== undefined) {
        return refusedError(write, error);
      }
      const wait = isRejected || status === 409 ? CONFLICT_WAITS_MILLISECONDS[conflicts] : undefined;
      if (wait === undefined) {
        throw isRejected ? refusedError(write, error) : error;
      }
      await pause(wait, signal);
    }
  }
}

/** The object at the key; undefined if the server does not answer. */
async function lookAt({
  client,
  bucket,
  key,
  signal,
}: Write): Promise<{ there: HeadObjectCommandOutput | undefined } | undefined> {
  return headObject(client, bucket, key, { signal }).then(
    (there) => ({ there }),
    () => undefined,
  );
}

/** The error of a write that the server rejects, although no object at its key is seen to be the reason. */
function refusedError({ bucket, key, ifMatch }: Write, cause: unknown): S3AccessError {
  const [condition, seen] =
    ifMatch === undefined
      ? ["If-None-Match", "shows no object there: can it write"]
      : [`If-Match with ETag ${ifMatch}`, "shows no other object there: can it replace an object"];
  const message = `${addressOf(bucket, key)}: the server rejects ${condition}, and ${seen} on a condition?`;
  return new S3AccessError(message, { cause, retryable: false });
}

/**
 * Reject a write to a key that is taken, before anything is sent.
 *
 * With `skipUnchanged` an existing object is no error yet, because its content may be the same.
 *
 * @returns Whether the key has an object; always false with `overwrite`, which skips the request.
 * @throws {ArtefactExistsError} The key is taken.
 * @throws {ArtefactChangedError} The object at the key does not have the ETag `ifMatch`.
 * @throws {S3AccessError} Also if the server gives no ETag of the object, as a web server may.
 */
export async function rejectIfTaken(write: Write): Promise<boolean> {
  const { client, bucket, key, overwrite, skipUnchanged, signal } = write;
  // With `overwrite`, an existing object does not prevent the write.
  if (overwrite) {
    return false;
  }
  const there = await headObject(client, bucket, key, { signal });
  if (there !== undefined) {
    requireEtag(there.ETag, addressOf(bucket, key));
  }
  const obstacle = obstacleTo(write, there);
  if (obstacle !== undefined && !skipUnchanged) {
    throw obstacle;
  }
  return there !== undefined;
}

/**
 * Check that a write can succeed, before a large body is read for its hash. A wrong bucket or key then fails at once.
 *
 * @throws {ArtefactExistsError} The key is taken.
 * @throws {ArtefactChangedError} The object at the key does not have the ETag `ifMatch`.
 * @throws {S3AccessError} Also if the bucket does not exist.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 */
export async function checkWritable(write: Write): Promise<void> {
  const { client, bucket, key, signal } = write;
  if (await rejectIfTaken(write)) {
    return;
  }
  // HEAD answers 404 for a missing object and for a missing bucket alike.
  const address = addressOf(bucket, key);
  await callS3(client, address, signal, async (options) => {
    try {
      await headWithReason(
        () => client.send(new HeadBucketCommand({ Bucket: bucket }), options),
        () => client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 0 }), options),
      );
    } catch (error) {
      if (statusOf(error) !== 404) {
        throw error;
      }
      const message = `${addressAt(client, address)}: the bucket does not exist`;
      throw new S3AccessError(message, { cause: error, retryable: false });
    }
  });
}
