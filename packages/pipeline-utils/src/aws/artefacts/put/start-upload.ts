import { S3AccessError } from "../../../errors.js";
import { callS3 } from "../call-s3.js";
import { addressOf } from "../location.js";
import { PART_SIZE_METADATA, SHA256_METADATA, WRITE_ID_METADATA } from "../metadata.js";
import type { Write } from "./write.js";
import sdk from "../../s3-sdk.cjs";

/** What the answer that begins an upload may take once the caller has given up. */
const LAST_ANSWER_MILLISECONDS = 1000;

/**
 * Begin an upload. After the caller's signal its answer is still waited for, a moment at most: an upload whose name nobody learns
 * cannot be aborted.
 *
 * @param sha256 - Of the whole body, in hex, where it is known.
 * @returns The name of the upload.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
 */
export async function startUpload(
  write: Write,
  partSize: number,
  sha256: string | undefined,
): Promise<string> {
  const { client, bucket, key, writeId, signal } = write;
  const address = addressOf(bucket, key);
  signal?.throwIfAborted();
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => {
      late.abort(signal?.reason);
    }, LAST_ANSWER_MILLISECONDS);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  const { UploadId } = await callS3(client, address, late.signal, (options) =>
    client.send(
      new sdk.CreateMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        Metadata: {
          [PART_SIZE_METADATA]: String(partSize),
          [WRITE_ID_METADATA]: writeId,
          ...(sha256 === undefined ? {} : { [SHA256_METADATA]: sha256 }),
        },
      }),
      options,
    ),
  ).finally(() => {
    signal?.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  });
  if (UploadId !== undefined) {
    return UploadId;
  }
  throw new S3AccessError(`${address}: the server began an upload without naming it`, { retryable: false });
}
