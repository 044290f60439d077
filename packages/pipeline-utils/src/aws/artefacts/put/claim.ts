import { setTimeout as sleep } from "node:timers/promises";

import { S3AccessError } from "../../../errors.js";
import { otherServer } from "../../other-server.js";
import { callS3 } from "../call-s3.js";
import { addressOf } from "../location.js";
import { statusOf } from "../s3-error.js";
import { headObject } from "../head-object.js";
import { existsError } from "./write.js";
import type { Write } from "./write.js";
import sdk from "../../s3-sdk.cjs";

/** A claim is held for the time of three requests. */
const CLAIM_WAITS = 40;
const CLAIM_WAIT_MILLISECONDS = 250;

/**
 * Complete a multipart upload as the only one to do so for its key.
 *
 * AWS completes only if the key is free when told so (If-None-Match); Ceph's radosgw, for one, ignores that. There a writer first
 * creates `KEY.claim`, which every server gives to one writer only, then looks whether the key is free, completes, and
 * removes the claim. What this cannot keep out is a write in one request that lands between the look and the completion.
 *
 * @throws {ArtefactExistsError} The key is taken.
 * @throws {S3AccessError} Another writer holds the claim for 10 s: it has died.
 */
export async function withClaim<T>(write: Write, complete: () => Promise<T>): Promise<T> {
  if (write.overwrite || otherServer(write.client) === undefined) return complete();
  const release = await takeClaim(write);
  try {
    if ((await headObject(write.client, write.bucket, write.key, { signal: write.signal })) !== undefined) {
      throw existsError(write);
    }
    return await complete();
  } finally {
    await release();
  }
}

async function takeClaim(write: Write): Promise<() => Promise<void>> {
  const { client, bucket, key, writeId, signal } = write;
  const claim = { Bucket: bucket, Key: `${key}.claim` };
  for (let wait = 0; wait < CLAIM_WAITS; wait += 1) {
    const versionId = await callS3(client, addressOf(bucket, claim.Key), signal, async (options) => {
      try {
        const answer = await client.send(
          new sdk.PutObjectCommand({ ...claim, Body: writeId, IfNoneMatch: "*" }),
          options,
        );
        return answer.VersionId ?? "";
      } catch (error) {
        const status = statusOf(error);
        if (status === 412 || status === 409) return undefined;
        throw error;
      }
    });
    if (versionId !== undefined) {
      return async () => {
        // With its version, so that a bucket that keeps versions keeps nothing of it.
        const command = new sdk.DeleteObjectCommand({
          ...claim,
          ...(versionId === "" ? {} : { VersionId: versionId }),
        });
        // A claim left behind keeps out only writers of a key that is taken already, or who are told of it.
        await client.send(command, { abortSignal: AbortSignal.timeout(10_000) }).catch(() => undefined);
      };
    }
    if ((await headObject(client, bucket, key, { signal })) !== undefined) throw existsError(write);
    await sleep(CLAIM_WAIT_MILLISECONDS, undefined, signal === undefined ? {} : { signal });
  }
  throw new S3AccessError(
    `${addressOf(bucket, key)}: another writer has held ${addressOf(bucket, claim.Key)} for 10 s; delete it if that writer has died`,
    { retryable: true },
  );
}
