import { ArtefactExistsError, S3AccessError } from "../../../errors.js";
import { limitsOf } from "../../client.js";
import { otherServer } from "../../other-server.js";
import { addressOf } from "../location.js";
import { WRITE_ID_METADATA } from "../metadata.js";
import { pause } from "../pause.js";
import { headObject } from "../head-object.js";
import { claimKey } from "./claim-key.js";
import { createOnce } from "./create-once.js";
import { existsError } from "./write.js";
import type { Write } from "./write.js";
import sdk from "../../s3-sdk.cjs";

/** A claim is held for the time of three requests, most often milliseconds. */
const CLAIM_MILLISECONDS = 10_000;
const CLAIM_WAIT_MILLISECONDS = 250;
/**
 * By what age its writer has died: a completion may take 10 min, and the requests around it one more, by the clock of a server that
 * takes requests from clocks that are up to 15 min off.
 */
const DEAD_CLAIM_MINUTES = 30;
/** What removes a claim has a limit of its own: the caller's signal may be what ended the write. */
const REMOVAL_MILLISECONDS = 10_000;

/**
 * Complete a multipart upload as the only one to do so for its key.
 *
 * AWS completes only if the key is free when told so (If-None-Match); Ceph's radosgw, for one, ignores that. There a writer first
 * creates `KEY.claim`, which every server gives to one writer only, then looks whether the key is free, completes, and
 * removes the claim. What this cannot keep out is a write in one request that lands between the look and the completion.
 *
 * @throws {ArtefactExistsError} The key is taken.
 * @throws {S3AccessError} Another writer holds the claim for 10 s: its upload takes long to complete, or it has died.
 */
export async function withClaim<T>(write: Write, complete: () => Promise<T>): Promise<T> {
  if (write.overwrite || otherServer(write.client) === undefined) {
    return complete();
  }
  const claim: Write = { ...write, key: claimKey(write.key) };
  const versionId = await takeClaim(write, claim);
  try {
    if ((await headObject(write.client, write.bucket, write.key, { signal: write.signal })) !== undefined) {
      throw existsError(write);
    }
    return await complete();
  } finally {
    await removeClaim(claim, versionId);
  }
}

/** Returns the version of the claim, where the bucket keeps versions. */
async function takeClaim(write: Write, claim: Write): Promise<string | undefined> {
  const { client, bucket, key, signal } = write;
  const limit = limitsOf(client).claim ?? CLAIM_MILLISECONDS;
  for (let waited = 0; waited < limit; waited += CLAIM_WAIT_MILLISECONDS) {
    try {
      const { versionId } = await createOnce(claim, (options) =>
        client.send(
          new sdk.PutObjectCommand({
            Bucket: bucket,
            Key: claim.key,
            Body: claim.writeId,
            Metadata: { [WRITE_ID_METADATA]: claim.writeId },
            IfNoneMatch: "*",
          }),
          options,
        ),
      );
      return versionId;
    } catch (error) {
      if (!(error instanceof ArtefactExistsError)) {
        await removeOwnClaim(claim);
        throw error;
      }
    }
    if ((await headObject(client, bucket, key, { signal })) !== undefined) {
      throw existsError(write);
    }
    await pause(CLAIM_WAIT_MILLISECONDS, signal);
  }
  throw await claimedError(write, claim, limit);
}

/** What to do about a claim that stays depends on whether its writer may still live: both would write if it was deleted too soon. */
async function claimedError(write: Write, claim: Write, waited: number): Promise<S3AccessError> {
  const address = addressOf(write.bucket, write.key);
  const held = addressOf(claim.bucket, claim.key);
  const there = await headObject(claim.client, claim.bucket, claim.key, { signal: write.signal });
  const since = there?.LastModified;
  if (since === undefined) {
    const message = `${address}: other writers have held ${held} for ${waited / 1000} s, one after the other: try again later`;
    return new S3AccessError(message, { retryable: true });
  }
  // The server's clock may be ahead.
  const minutes = Math.max(0, Date.now() - since.getTime()) / 60_000;
  const age = `${held} is from ${since.toISOString()}, ${minutes.toFixed(1)} min ago`;
  const isDead = minutes > DEAD_CLAIM_MINUTES;
  const message = isDead
    ? `${address}: the writer that claimed it has died: ${age}, and none is held for ${DEAD_CLAIM_MINUTES} min; delete it, then try again`
    : `${address}: another writer is completing it, or has died: ${age}; try again later, and delete it only when it is older than ${DEAD_CLAIM_MINUTES} min`;
  return new S3AccessError(message, { retryable: !isDead });
}

/** A request that was given up, or whose answer was lost, may have made the claim all the same. */
async function removeOwnClaim(claim: Write): Promise<void> {
  const signal = AbortSignal.timeout(REMOVAL_MILLISECONDS);
  const there = await headObject(claim.client, claim.bucket, claim.key, { signal }).catch(() => undefined);
  if (there?.Metadata?.[WRITE_ID_METADATA] === claim.writeId) {
    await removeClaim(claim, there.VersionId);
  }
}

/** With its version, so that a bucket that keeps versions keeps nothing of it. */
async function removeClaim({ client, bucket, key }: Write, versionId: string | undefined): Promise<void> {
  const command = new sdk.DeleteObjectCommand({
    Bucket: bucket,
    Key: key,
    ...(versionId === undefined ? {} : { VersionId: versionId }),
  });
  // A claim left behind keeps out only writers of a key that is taken already, or who are told of it.
  await client
    .send(command, { abortSignal: AbortSignal.timeout(REMOVAL_MILLISECONDS) })
    .catch(() => undefined);
}
