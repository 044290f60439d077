import { createHash } from "node:crypto";

import { S3AccessError, SerialisationError } from "../../../errors.js";
import { reportRetry } from "../../client.js";
import { multipartEtag } from "../../etag.js";
import { callS3 } from "../call-s3.js";
import { addressOf } from "../location.js";
import { pause } from "../pause.js";
import { refuseTaken } from "./check-writable.js";
import { withClaim } from "./claim.js";
import { createOnce } from "./create-once.js";
import { requireEtag } from "../require-etag.js";
import { describeS3Fault, statusOf } from "../../s3-error.js";
import { MAX_PARTS } from "./part-size.js";
import { startUpload } from "./start-upload.js";
import type { ContentHashes } from "./unchanged.js";
import { untilAborted } from "./until-aborted.js";
import { confirmWritten, errorOf } from "./write.js";
import type { Write, Written } from "./write.js";
import sdk from "../../s3-sdk.cjs";

/** Parts on their way at once. The two that were read to see that there is more than one stay in memory too. */
const PARTS_AT_ONCE = 4;

/** Waits before a part is sent again. */
const PART_WAITS_MILLISECONDS = [200, 1000];

/** What drops the parts has a limit of its own. */
const ABORT_MILLISECONDS = 10_000;

/** What is known of a body before it is read. */
export interface KnownBody {
  /** In bytes; undefined for a stream of unknown length. */
  readonly size: number | undefined;
  /** In hex; undefined for a stream that can be read only once. */
  readonly sha256: string | undefined;
  /** Whether S3 has said already that the key is free. */
  readonly isWritable: boolean;
}

interface Part {
  readonly number: number;
  readonly etag: string;
  readonly md5: Uint8Array;
}

/**
 * Write an object as a multipart upload, a few parts in memory at a time. Whatever fails, the upload is aborted, so that none
 * of its parts stays behind.
 *
 * @param parts - All of one size but the last.
 * @param isWanted - Asked before the object appears; if not, the upload is aborted.
 * @returns undefined if it was not wanted.
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
    await refuseTaken(write);
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
      if (number > MAX_PARTS) {
        throw new SerialisationError(
          `${addressOf(write.bucket, write.key)}: more than ${MAX_PARTS} parts of ${bytes.length} bytes; put it from a file`,
        );
      }
      const sending: Promise<void> = send(bytes, number).finally(() => underWay.delete(sending));
      underWay.add(sending);
      if (underWay.size >= PARTS_AT_ONCE) {
        await Promise.race(underWay);
      }
    }
  } finally {
    // Whatever happened, none is on its way any more when the upload is aborted.
    await Promise.all(underWay);
  }
  failed.signal.throwIfAborted();
  return uploaded.sort((a, b) => a.number - b.number);
}

/**
 * Send a part, again if that may help. The SDK's retries are over some seconds after the first attempt began, which is less than a
 * part takes on a slow network: a connection that is cut there must not cost an upload of hours.
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
      // The upload itself is gone.
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
 * Make the object appear. Not every server tells the new ETag (radosgw does not): then it is asked for.
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
 * Have the server drop the parts. With a signal of its own: the caller's may be what ended the upload. The fault that ended the upload
 * is the one to throw; Node warns where the parts stay.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
 */
async function abort({ client, bucket, key }: Write, uploadId: string): Promise<void> {
  try {
    const command = new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
    await client.send(command, { abortSignal: AbortSignal.timeout(ABORT_MILLISECONDS) });
  } catch (error) {
    // It has no parts any more.
    if (statusOf(error) === 404) {
      return;
    }
    process.emitWarning(
      `${addressOf(bucket, key)}: the upload ${uploadId} could not be aborted, so its parts stay, and are paid for: ${describeS3Fault(error)}; ` +
        "abort it by hand, or by a lifecycle rule of the bucket (AbortIncompleteMultipartUpload)",
      "S3Upload",
    );
  }
}
