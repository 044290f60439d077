import { ArtefactExistsError, S3AccessError } from "../../../errors.js";
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

/** A claim is held for the time of three requests. */
const CLAIM_WAITS = 40;
const CLAIM_WAIT_MILLISECONDS = 250;
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
 * @throws {S3AccessError} Another writer holds the claim for 10 s: it has died.
 */
export async function withClaim<T>(write: Write, complete: () => Promise<T>): Promise<T> {
  if (write.overwrite || otherServer(write.client) === undefined) return complete();
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
  for (let wait = 0; wait < CLAIM_WAITS; wait += 1) {
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
    if ((await headObject(client, bucket, key, { signal })) !== undefined) throw existsError(write);
    await pause(CLAIM_WAIT_MILLISECONDS, signal);
  }
  throw new S3AccessError(
    `${addressOf(bucket, key)}: another writer has held ${addressOf(bucket, claim.key)} for 10 s; delete it if that writer has died`,
    { retryable: true },
  );
}

/** A request that was given up, or whose answer was lost, may have made the claim all the same. */
async function removeOwnClaim(claim: Write): Promise<void> {
  const signal = AbortSignal.timeout(REMOVAL_MILLISECONDS);
  const there = await headObject(claim.client, claim.bucket, claim.key, { signal }).catch(() => undefined);
  if (there?.Metadata?.[WRITE_ID_METADATA] === claim.writeId) await removeClaim(claim, there.VersionId);
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
