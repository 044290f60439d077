import { unquoteEtag } from "../../etag.js";
import { callS3, pause } from "../call-s3.js";
import { addressOf } from "../location.js";
import { WRITE_ID_METADATA, headObject } from "../metadata.js";
import { statusOf } from "../../s3-error.js";
import { existsError, isRetryable } from "./write.js";
import type { Write, Written } from "./write.js";

const CONFLICT_WAITS_MILLISECONDS = [50, 100, 200, 400, 800];

/**
 * Send the request that makes an object appear, and determine its outcome even if the answer is lost.
 *
 * - Status 409 means that another conditional write is under way. S3 asks clients to repeat the request.
 * - After any error, the object at the key may come from this very write, whose answer was lost. Its write id shows
 *   that.
 * - If the object is another writer's, the write fails with ArtefactExistsError. A retry cannot help.
 *
 * @returns `etag` is "" if the server does not give it.
 * @throws {ArtefactExistsError} The key is taken.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function createOnce(
  write: Write,
  send: (options: {
    abortSignal?: AbortSignal;
  }) => Promise<{ ETag?: string | undefined; VersionId?: string | undefined }>,
): Promise<Written> {
  const { client, bucket, key, signal, writeId, overwrite } = write;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await callS3(client, addressOf(bucket, key), signal, send);
      return { etag: unquoteEtag(answer.ETag ?? ""), versionId: answer.VersionId };
    } catch (error) {
      signal?.throwIfAborted();
      const there = await headObject(client, bucket, key, { signal }).catch(() => undefined);
      signal?.throwIfAborted();
      if (there?.Metadata?.[WRITE_ID_METADATA] === writeId) {
        return { etag: unquoteEtag(there.ETag ?? ""), versionId: there.VersionId };
      }
      const status = error instanceof Error ? statusOf(error.cause) : undefined;
      const isTaken = there !== undefined && !overwrite;
      if (status === 412 || (isTaken && isRetryable(error))) {
        throw existsError(write, error);
      }
      const wait = status === 409 ? CONFLICT_WAITS_MILLISECONDS[attempt] : undefined;
      if (wait === undefined) {
        throw error;
      }
      await pause(wait, signal);
    }
  }
}
