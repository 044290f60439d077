import { createHash } from "node:crypto";

import { S3AccessError, SerialisationError } from "../../../errors.js";
import { reportRetry } from "../../client.js";
import { multipartEtag, requireEtag } from "../../etag.js";
import { callS3, pause } from "../call-s3.js";
import { addressOf } from "../location.js";
import { rejectIfTaken } from "./check-writable.js";
import { withClaim } from "./claim.js";
import { createOnce } from "./create-once.js";
import { describeS3Fault, statusOf } from "../../s3-error.js";
import { MAX_PARTS_PER_UPLOAD } from "./part-size.js";
import { startUpload } from "./start-upload.js";
import type { ContentHashes } from "./unchanged.js";
import { untilAborted } from "./until-aborted.js";
import { confirmWritten, errorOf } from "./write.js";
import type { Write, Written } from "./write.js";
import sdk from "../../s3-sdk.cjs";

/**
 * Concurrent part uploads. Memory also holds the first two parts, which were read to learn that the body has several.
 */
const MAX_CONCURRENT_PARTS = 4;

/** Waits before a part is sent again. */
const PART_WAITS_MILLISECONDS = [200, 1000];

/** Time limit of the request that aborts an upload. It does not depend on the caller's signal. */
const ABORT_MILLISECONDS = 10_000;

/** Facts about a body that are known before it is read. */
export interface KnownBody {
  /** In bytes; undefined for a stream of unknown length. */
  readonly size: number | undefined;
  /** In hex; undefined for a stream that can be read only once. */
  readonly sha256: string | undefined;
  /** Whether a request to S3 has already shown that the key is free. */
  readonly isWritable: boolean;
}

interface Part {
  readonly number: number;
  readonly etag: string;
  readonly md5: Uint8Array;
}

/**
 * Write an object as a multipart upload, with a few parts in memory at a time.
 *
 * Any failure aborts the upload, so that none of its parts stays behind.
 *
 * @param parts - All of one size, except the last.
 * @param isWanted - Called before the object appears. If it returns false, the upload is aborted.
 * @returns undefined if `isWanted` returned false.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export async function putInParts(
  write: Write,
  parts: AsyncIterable<Uint8Array>,
  partSize: number,
  known: KnownBody,
  isWanted: (hashes: ContentHashes) => Promise<boolean>,
): Promise<Written | undefined> {
  if (!known.isWritable) {
    await rejectIfTaken(write);
  }
  let uploadId: string | undefined;
  try {
    const id = await startUpload(write, partSize, known.sha256);
    uploadId = id;
    const uploaded = await uploadParts(write, id, parts, known.size);
    const etag = multipartEtag(uploaded.map(({ md5 }) => md5));
    if (await isWanted({ etag, sha256: known.sha256 })) {
      return await withClaim(write, () => complete(write, id, uploaded, etag));
    }
  } catch (error) {
    if (uploadId !== undefined) {
      await abort(write, uploadId);
    }
    throw await errorOf(write, error);
  }
  await abort(write, uploadId);
  return undefined;
}

async function uploadParts(
  write: Write,
  uploadId: string,
  parts: AsyncIterable<Uint8Array>,
  bytesTotal: number | undefined,
): Promise<Part[]> {
  const uploaded: Part[] = [];
  const underWay = new Set<Promise<void>>();
  const failed = new AbortController();
  let [number, bytesDone] = [0, 0];
  const send = async (bytes: Uint8Array, partNumber: number): Promise<void> => {
    try {
      uploaded.push(await uploadPartAgain(write, uploadId, bytes, partNumber));
      bytesDone += bytes.length;
      write.onProgress({ bytesDone, bytesTotal });
    } catch (error) {
      failed.abort(error);
    }
  };
  try {
    for await (const bytes of untilAborted(parts, failed.signal)) {
      number += 1;
      if (number > MAX_PARTS_PER_UPLOAD) {
        throw new SerialisationError(
          `${addressOf(write.bucket, write.key)}: more than ${MAX_PARTS_PER_UPLOAD} parts of ${bytes.length} bytes; upload it from a file`,
        );
      }
      const sending: Promise<void> = send(bytes, number).finally(() => underWay.delete(sending));
      underWay.add(sending);
      if (underWay.size >= MAX_CONCURRENT_PARTS) {
        await Promise.race(underWay);
      }
    }
  } finally {
    // Wait for all part requests, so that none is under way when the upload is aborted.
    await Promise.all(underWay);
  }
  failed.signal.throwIfAborted();
  return uploaded.sort((a, b) => a.number - b.number);
}

/**
 * Send a part, and send it again after an error that a retry can solve.
 *
 * The SDK retries for only a few seconds after the first attempt began. A part on a slow network takes longer, and one
 * broken connection must not cost an upload of hours.
 */
async function uploadPartAgain(
  write: Write,
  uploadId: string,
  bytes: Uint8Array,
  number: number,
): Promise<Part> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await uploadPart(write, uploadId, bytes, number);
    } catch (error) {
      const wait = PART_WAITS_MILLISECONDS[failures];
      if (!(error instanceof S3AccessError) || !error.retryable || wait === undefined) {
        throw error;
      }
      // A 404 means that the upload itself no longer exists.
      if (statusOf(error.cause) === 404) {
        throw error;
      }
      const message = `${error.message}, part ${number} is sent again in ${wait} ms`;
      reportRetry(write.client, { attempt: failures + 1, waitMilliseconds: wait, error, message });
      await pause(wait, write.signal);
    }
  }
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
async function uploadPart(write: Write, uploadId: string, bytes: Uint8Array, number: number): Promise<Part> {
  const { client, bucket, key, signal } = write;
  const address = addressOf(bucket, key);
  const md5 = createHash("md5").update(bytes).digest();
  const answer = await callS3(client, address, signal, (options) =>
    client.send(
      new sdk.UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        Body: bytes,
        ContentLength: bytes.length,
        ContentMD5: md5.toString("base64"),
      }),
      options,
    ),
  );
  return { number, etag: requireEtag(answer.ETag, `${address}, part ${number}`), md5 };
}

/**
 * Make the object appear. Some servers (radosgw) leave the new ETag out of the answer; a HEAD request then gets it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
async function complete(
  write: Write,
  uploadId: string,
  parts: readonly Part[],
  etag: string,
): Promise<Written> {
  const { client, bucket, key, overwrite } = write;
  const written = await createOnce(write, (options) =>
    client.send(
      new sdk.CompleteMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: { Parts: parts.map((part) => ({ PartNumber: part.number, ETag: part.etag })) },
        ...(overwrite ? {} : { IfNoneMatch: "*" }),
      }),
      options,
    ),
  );
  return confirmWritten(write, written, etag);
}

/**
 * Have the server drop the parts of an upload.
 *
 * The request has its own signal, because the caller's signal may be what ended the upload. An error here only causes a
 * Node warning, so that the caller gets the error that ended the upload.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
 */
async function abort({ client, bucket, key }: Write, uploadId: string): Promise<void> {
  try {
    const command = new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
    await client.send(command, { abortSignal: AbortSignal.timeout(ABORT_MILLISECONDS) });
  } catch (error) {
    // The upload no longer exists, so it has no parts.
    if (statusOf(error) === 404) {
      return;
    }
    process.emitWarning(
      `${addressOf(bucket, key)}: the upload ${uploadId} could not be aborted, so its parts remain and cost storage: ${describeS3Fault(error)}; ` +
        "abort it by hand, or by a lifecycle rule of the bucket (AbortIncompleteMultipartUpload)",
      "S3Upload",
    );
  }
}
