import { S3AccessError } from "../../../errors.js";
import { callS3 } from "../call-s3.js";
import { addressOf } from "../location.js";
import { PART_SIZE_METADATA, SHA256_METADATA, WRITE_ID_METADATA } from "../metadata.js";
import type { Write } from "./write.js";
import sdk from "../../s3-sdk.cjs";

/** How long to wait for the answer that begins an upload after the caller has aborted. */
const GRACE_MILLISECONDS = 1000;

/**
 * Begin a multipart upload.
 *
 * After the caller aborts, the function still waits a moment for the answer, because an upload cannot be aborted
 * without its id.
 *
 * @param sha256 - Hash of the whole body, in hex, if known.
 * @returns The upload's id.
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
    }, GRACE_MILLISECONDS);
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
  throw new S3AccessError(`${address}: the server began an upload without giving its id`, {
    retryable: false,
  });
}
