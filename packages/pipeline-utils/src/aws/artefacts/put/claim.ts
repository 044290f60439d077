import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";

import { ArtefactExistsError, S3AccessError } from "../../../errors.js";
import { limitsOf } from "../../client.js";
import { otherServer, pause } from "../call-s3.js";
import { addressOf, MAX_KEY_BYTES } from "../location.js";
import { WRITE_ID_METADATA, headObject } from "../metadata.js";
import { writeOnce } from "./write-once.js";
import { isRejectedCondition, obstacleTo } from "./write.js";
import type { Write } from "./write.js";

/** How long to wait for another writer's claim. A claim lasts for three requests, which usually takes milliseconds. */
const CLAIM_MILLISECONDS = 10_000;
const CLAIM_WAIT_MILLISECONDS = 250;
/**
 * Age above which a claim's writer is dead. A completion may take 10 min and the requests around it 1 min. The age
 * compares the local clock with the server's. These differ by up to 15 min, because S3 rejects requests from clocks
 * further off.
 */
const DEAD_CLAIM_MINUTES = 30;
/** Time limit for removing a claim. It does not depend on the caller's signal, which may be what ended the write. */
const REMOVAL_MILLISECONDS = 10_000;

/**
 * Complete a multipart upload while no other writer can complete one for the same key.
 *
 * AWS rejects a completion with If-None-Match or If-Match if the key does not meet the condition. Other servers, such as
 * Ceph's radosgw, ignore these headers. On those, each writer does the following:
 *
 * 1. Create `KEY.claim` with If-None-Match, which every server grants to one writer only.
 * 2. Check that the key is free, or has the object to replace.
 * 3. Complete the upload.
 * 4. Remove the claim.
 *
 * A write in one request takes no claim. If it lands between steps 2 and 3, the completed upload replaces it.
 *
 * @throws {ArtefactExistsError} The key is taken.
 * @throws {ArtefactChangedError} The object at the key does not have the ETag `ifMatch`.
 * @throws {S3AccessError} Another writer has held the claim for 10 s. Its upload takes long to complete, or it has
 *   died.
 */
export async function withClaim<T>(write: Write, complete: () => Promise<T>): Promise<T> {
  if (write.overwrite || otherServer(write.client) === undefined) {
    return complete();
  }
  const claim: Write = { ...write, key: claimKey(write.key), ifMatch: undefined };
  const versionId = await takeClaim(write, claim);
  try {
    await rejectChanged(write);
    return await complete();
  } finally {
    await removeClaim(claim, versionId);
  }
}

/**
 * Reject a write whose key another writer has taken or changed.
 *
 * @throws {ArtefactExistsError | ArtefactChangedError}
 */
async function rejectChanged(write: Write): Promise<void> {
  const { client, bucket, key, signal } = write;
  const obstacle = obstacleTo(write, await headObject(client, bucket, key, { signal }));
  if (obstacle !== undefined) {
    throw obstacle;
  }
}

/** Returns the version of the claim, if the bucket keeps versions. */
async function takeClaim(write: Write, claim: Write): Promise<string | undefined> {
  const { client, signal } = write;
  const limit = limitsOf(client).claim ?? CLAIM_MILLISECONDS;
  for (let waited = 0; waited < limit; waited += CLAIM_WAIT_MILLISECONDS) {
    try {
      const { versionId } = await writeOnce(claim, (options, condition) =>
        client.send(
          new PutObjectCommand({
            Bucket: claim.bucket,
            Key: claim.key,
            Body: claim.writeId,
            Metadata: { [WRITE_ID_METADATA]: claim.writeId },
            ...condition,
          }),
          options,
        ),
      );
      return versionId;
    } catch (error) {
      // The other writer's claim may be gone whenever this writer looks at it.
      if (!(error instanceof ArtefactExistsError || isRejectedCondition(error))) {
        await removeOwnClaim(claim);
        throw error;
      }
    }
    await rejectChanged(write);
    await pause(CLAIM_WAIT_MILLISECONDS, signal);
  }
  throw await claimedError(write, claim, limit);
}

/** Advice about a claim that stays depends on its age. Deleting the claim of a live writer would let both write. */
async function claimedError(write: Write, claim: Write, waited: number): Promise<S3AccessError> {
  const address = addressOf(write.bucket, write.key);
  const held = addressOf(claim.bucket, claim.key);
  const there = await headObject(claim.client, claim.bucket, claim.key, { signal: write.signal });
  const since = there?.LastModified;
  if (since === undefined) {
    const message = `${address}: other writers have held ${held} for ${waited / 1000} s, one after the other: try again later`;
    return new S3AccessError(message, { retryable: true });
  }
  // The server's clock may be ahead of the local one.
  const minutes = Math.max(0, Date.now() - since.getTime()) / 60_000;
  const age = `${held} is from ${since.toISOString()}, ${minutes.toFixed(1)} min ago`;
  const isDead = minutes > DEAD_CLAIM_MINUTES;
  const message = isDead
    ? `${address}: the writer that claimed it has died: ${age}, and none is held for ${DEAD_CLAIM_MINUTES} min; delete it, then try again`
    : `${address}: another writer is completing it, or has died: ${age}; try again later, and delete it only when it is older than ${DEAD_CLAIM_MINUTES} min`;
  return new S3AccessError(message, { retryable: !isDead });
}

/** An aborted request, or one whose answer was lost, may still have created the claim. */
async function removeOwnClaim(claim: Write): Promise<void> {
  const signal = AbortSignal.timeout(REMOVAL_MILLISECONDS);
  const there = await headObject(claim.client, claim.bucket, claim.key, { signal }).catch(() => undefined);
  if (there?.Metadata?.[WRITE_ID_METADATA] === claim.writeId) {
    await removeClaim(claim, there.VersionId);
  }
}

/** Delete the claim by its version, so that a versioned bucket keeps no copy of it. */
async function removeClaim({ client, bucket, key }: Write, versionId: string | undefined): Promise<void> {
  const command = new DeleteObjectCommand({
    Bucket: bucket,
    Key: key,
    ...(versionId === undefined ? {} : { VersionId: versionId }),
  });
  // Ignore errors: a claim that stays only blocks writers whose key is taken anyway, or who get an error that names the
  // claim.
  await client
    .send(command, { abortSignal: AbortSignal.timeout(REMOVAL_MILLISECONDS) })
    .catch(() => undefined);
}

/**
 * The key of the claim (lock object) for a key: `KEY.claim`. If that is too long for S3, the key is cut and its sha256
 * added.
 */
export function claimKey(key: string): string {
  const claim = `${key}.claim`;
  if (Buffer.byteLength(claim) <= MAX_KEY_BYTES) {
    return claim;
  }
  const end = `.${createHash("sha256").update(key).digest("hex")}.claim`;
  const room = Buffer.from(key).subarray(0, MAX_KEY_BYTES - end.length);
  // In streaming mode, the decoder leaves out a character that the cut has split.
  return new TextDecoder().decode(room, { stream: true }) + end;
}
