import { S3AccessError } from "../../../errors.js";
import { addressAt } from "../../other-server.js";
import { callS3 } from "../call-s3.js";
import { headObject } from "../head-object.js";
import { addressOf } from "../location.js";
import { requireEtag } from "../require-etag.js";
import { statusOf } from "../../s3-error.js";
import { existsError } from "./write.js";
import type { Write } from "./write.js";
import sdk from "../../s3-sdk.cjs";

/**
 * Refuse a write of a key that is taken, before anything is sent. What is there may be the same as what is to be written: where that
 * is to be left as it is, it is no fault yet.
 *
 * @returns Whether there is an object.
 * @throws {ArtefactExistsError} The key is taken.
 * @throws {S3AccessError} Also if the server tells no ETag of what is there, as a web server may.
 */
export async function refuseTaken(write: Write): Promise<boolean> {
  const { client, bucket, key, overwrite, skipUnchanged, signal } = write;
  // Nothing that S3 says would keep it from being written.
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
 * Ask S3 whether a write has a chance, before a large body is read for its hash: a wrong bucket or key is to be told at once.
 *
 * @throws {ArtefactExistsError} The key is taken.
 * @throws {S3AccessError} Also if there is no such bucket.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 */
export async function checkWritable(write: Write): Promise<void> {
  const { client, bucket, key, signal } = write;
  if (await refuseTaken(write)) {
    return;
  }
  // Of an object that is not there HEAD does not tell whether the bucket is.
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
