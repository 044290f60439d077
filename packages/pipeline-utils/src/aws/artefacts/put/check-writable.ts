import { S3AccessError } from "../../../errors.js";
import { addressAt, callS3 } from "../call-s3.js";
import { headObject } from "../metadata.js";
import { addressOf } from "../location.js";
import { requireEtag } from "../../etag.js";
import { statusOf } from "../../s3-error.js";
import { existsError } from "./write.js";
import type { Write } from "./write.js";
import sdk from "../../s3-sdk.cjs";

/**
 * Reject a write to a key that is taken, before anything is sent.
 *
 * With `skipUnchanged` an existing object is no error yet, because its content may be the same.
 *
 * @returns Whether the key has an object; always false with `overwrite`, which skips the request.
 * @throws {ArtefactExistsError} The key is taken.
 * @throws {S3AccessError} Also if the server gives no ETag of the object, as a web server may.
 */
export async function rejectIfTaken(write: Write): Promise<boolean> {
  const { client, bucket, key, overwrite, skipUnchanged, signal } = write;
  // With `overwrite`, an existing object does not prevent the write.
  if (overwrite) {
    return false;
  }
  const there = await headObject(client, bucket, key, { signal });
  if (there === undefined) {
    return false;
  }
  requireEtag(there.ETag, addressOf(bucket, key));
  if (!skipUnchanged) {
    throw existsError(write);
  }
  return true;
}

/**
 * Check that a write can succeed, before a large body is read for its hash. A wrong bucket or key then fails at once.
 *
 * @throws {ArtefactExistsError} The key is taken.
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
      await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }), options);
    } catch (error) {
      if (statusOf(error) !== 404) {
        throw error;
      }
      const message = `${addressAt(client, address)}: the bucket does not exist`;
      throw new S3AccessError(message, { cause: error, retryable: false });
    }
  });
}
