import { Readable } from "node:stream";
import { isUint8Array } from "node:util/types";

import { CompleteMultipartUploadCommand } from "@aws-sdk/client-s3";
import type { CompleteMultipartUploadCommandInput } from "@aws-sdk/client-s3";

import { ArtefactChangedError, S3AccessError } from "../../../errors.js";
import { multipartEtag, requireEtag } from "../../etag.js";
import { addressOf } from "../location.js";
import { headObject, PART_SIZE_METADATA, SHA256_METADATA, WRITE_ID_METADATA } from "../metadata.js";
import { withClaim } from "./claim.js";
import { MAX_PARTS_PER_UPLOAD, uploadClient } from "./upload-client.js";
import { rejectIfTaken, writeOnce } from "./write-once.js";
import type { ContentHashes } from "./write-once.js";
import { errorOf } from "./write.js";
import type { Write, Written } from "./write.js";

const MIB_BYTES = 1024 * 1024;

/** Limit of a body that goes in one request, and the part size of larger ones, in bytes. */
export const DEFAULT_PART_BYTES = 8 * MIB_BYTES;

/** Concurrent part uploads. Memory also holds one part that is being read. */
const MAX_CONCURRENT_PARTS = 4;

/** Facts about a body that are known before it is read. */
export interface KnownBody {
  /** In bytes; undefined for a stream of unknown length. */
  readonly size: number | undefined;
  /** In hex; undefined for a stream that can be read only once. */
  readonly sha256: string | undefined;
  /** Whether a request to S3 has already shown that the key is free. */
  readonly isWritable: boolean;
}

/** The bytes of a large body. */
export interface LargeBody {
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
  readonly known: KnownBody;
  /** End the source, even if it hangs. */
  readonly stop: (error: unknown) => void;
}

/**
 * The part size in bytes. It exceeds the default only for bodies of more than 78 GiB, which would otherwise need too
 * many parts.
 */
export function partSizeFor(size: number | undefined): number {
  if (size === undefined) {
    return DEFAULT_PART_BYTES;
  }
  return Math.max(DEFAULT_PART_BYTES, Math.ceil(size / MAX_PARTS_PER_UPLOAD / MIB_BYTES) * MIB_BYTES);
}

/**
 * Write an object as a multipart upload, with a few parts in memory at a time. The SDK's `Upload` cuts and sends.
 *
 * Any failure aborts the upload, so that none of its parts stays behind.
 *
 * @param body - Has more than `partSizeFor(known.size)` bytes.
 * @param isWanted - Called before the object appears. If it returns false, the upload is aborted.
 * @returns undefined if `isWanted` returned false.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export async function putInParts(
  write: Write,
  { bytes, known, stop }: LargeBody,
  isWanted: (hashes: ContentHashes) => Promise<boolean>,
): Promise<Written | undefined> {
  if (!known.isWritable) {
    await rejectIfTaken(write);
  }
  const { Upload } = await import("@aws-sdk/lib-storage");
  const partSize = partSizeFor(known.size);
  const md5s: Uint8Array[] = [];
  let bytesDone = 0;
  // `Upload` hides the answer of its last request, so the result is kept here.
  let written: Written | undefined;
  // The last request fails with this error if the object is not to appear. `Upload` then aborts the parts.
  const unwanted = new Error("unwanted");
  const client = uploadClient(write, {
    onPart({ number, size, md5 }) {
      md5s[number - 1] = md5;
      bytesDone += size;
      write.onProgress({ bytesDone, bytesTotal: known.size });
    },
    onFault: stop,
    async complete(input) {
      const etag = multipartEtag(md5s);
      if (!(await isWanted({ etag, sha256: known.sha256 }))) {
        throw unwanted;
      }
      written = await withClaim(write, () => complete(write, input, etag));
      return {};
    },
  });
  const upload = new Upload({
    client,
    partSize,
    queueSize: MAX_CONCURRENT_PARTS,
    params: {
      Bucket: write.bucket,
      Key: write.key,
      // `Upload` knows only the arrays of this realm.
      Body: isUint8Array(bytes)
        ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
        : Readable.from(bytes),
      ContentLength: known.size,
      Metadata: {
        [PART_SIZE_METADATA]: String(partSize),
        [WRITE_ID_METADATA]: write.writeId,
        ...(known.sha256 === undefined ? {} : { [SHA256_METADATA]: known.sha256 }),
      },
    },
  });
  try {
    await upload.done();
  } catch (error) {
    if (error === unwanted) {
      return undefined;
    }
    throw await errorOf(write, error);
  }
  return written;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
async function complete(
  write: Write,
  { UploadId, MultipartUpload }: CompleteMultipartUploadCommandInput,
  etag: string,
): Promise<Written> {
  const { client, bucket, key } = write;
  const written = await writeOnce(write, (options, condition) =>
    client.send(
      new CompleteMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        UploadId,
        MultipartUpload,
        ...condition,
      }),
      options,
    ),
  );
  return confirmWritten(write, written, etag);
}

/**
 * Ask S3 about a successful write whose ETag is not the one computed from the bytes.
 *
 * radosgw leaves out the ETag of a completed multipart upload. With SSE-KMS and SSE-C, the ETag is not derived from the
 * bytes.
 *
 * @param etag - Computed from the bytes. Returned if S3 cannot be asked, or the object was replaced or deleted
 *   meanwhile.
 * @throws {ArtefactChangedError} The server's ETag is not that of the bytes.
 * @throws {S3AccessError} The server gives no ETag.
 */
async function confirmWritten(write: Write, written: Written, etag: string): Promise<Written> {
  const { client, bucket, key, writeId, signal } = write;
  const { versionId } = written;
  if (written.etag === etag) {
    return written;
  }
  const head = await headObject(client, bucket, key, { signal, versionId }).catch((error: unknown) => {
    // The write succeeded; a failed check must not report it as failed.
    if (!(error instanceof S3AccessError)) {
      throw error;
    }
    return undefined;
  });
  if (head?.Metadata?.[WRITE_ID_METADATA] !== writeId) {
    return { etag: written.etag || etag, versionId };
  }
  const address = addressOf(bucket, key);
  const found = requireEtag(head.ETag, address);
  const isKms = head.ServerSideEncryption?.startsWith("aws:kms") ?? false;
  if (found !== etag && !isKms && head.SSECustomerAlgorithm === undefined) {
    throw new ArtefactChangedError(
      `${address}: damaged while it was written: its ETag is ${found}, expected ${etag}`,
    );
  }
  return { etag: found, versionId: head.VersionId ?? versionId };
}
