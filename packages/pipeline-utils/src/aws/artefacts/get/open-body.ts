import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError, S3AccessError } from "../../../errors.js";
import { reportRetry } from "../../client.js";
import { callS3, dropBody, otherServer, pause } from "../call-s3.js";
import { addressOf } from "../location.js";
import { requireEtag } from "../../etag.js";
import { statusOf, translateS3Error } from "../../s3-error.js";
import { isObject } from "../../../is-object.js";

/** Waits before the rest is requested. The first applies again whenever bytes have arrived. */
const WAITS_MILLISECONDS = [100, 400];

const CHECKSUM_PREFIX = "x-amz-checksum-";

/** The checksums that the SDK computes, and the header that describes them. */
const SDK_CHECKSUMS: ReadonlySet<string> = new Set([
  "crc32",
  "crc32c",
  "crc64nvme",
  "sha1",
  "sha256",
  "type",
]);

/** Identifies the wanted object exactly. */
export interface ObjectReference {
  readonly bucket: string;
  readonly key: string;
  /** ETag without quotes. Any other object at the key is rejected. */
  readonly etag?: string | undefined;
  readonly versionId?: string | undefined;
  /** ETag without quotes. The object is sent only if it has another one. */
  readonly ifNoneMatch?: string | undefined;
}

/** An answer whose ETag and length are known. */
export type OpenBody = GetObjectCommandOutput & {
  /** Without quotes. */
  readonly etag: string;
  /** Length of the body in bytes. */
  readonly length: number;
};

/**
 * Request an object's bytes from an offset on, if it is still the object that was listed or recorded.
 *
 * A server may ignore the conditions of the request, so the answer is checked as well.
 *
 * @throws {ArtefactNotFoundError} The object or version does not exist.
 * @throws {ArtefactChangedError} Another object is at the key.
 * @throws {S3AccessError} Also if the answer has no ETag or no length, or starts at another byte. {@link isNotModified}
 *   recognises the answer to `ifNoneMatch`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export async function openBody(
  { bucket, key, etag, versionId, ifNoneMatch }: ObjectReference,
  offset: number,
  { client, signal }: { readonly client: S3Client; readonly signal?: AbortSignal | undefined },
): Promise<OpenBody> {
  const address = addressOf(bucket, key);
  const answer = await callS3(client, address, signal, async (options) => {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
      ...(ifNoneMatch === undefined ? {} : { IfNoneMatch: `"${ifNoneMatch}"` }),
      ...(versionId === undefined ? {} : { VersionId: versionId }),
      ...(offset === 0 ? {} : { Range: `bytes=${offset}-` }),
    });
    skipUnknownChecksums(command);
    try {
      return await client.send(command, options);
    } catch (error) {
      // 416: the object is now shorter than the bytes already read.
      const status = statusOf(error);
      if (status !== 412 && status !== 416) {
        throw error;
      }
      throw changedError(address, etag, error);
    }
  });
  try {
    const found = requireEtag(answer.ETag, address);
    if (etag !== undefined && found !== etag) {
      throw changedError(address, etag);
    }
    if (answer.ContentLength === undefined) {
      throw unusable(address, "does not say how long the object is");
    }
    if (offset > 0 && answer.$metadata.httpStatusCode !== 206) {
      throw unusable(address, `does not start at byte ${offset}, as requested`);
    }
    return { ...answer, etag: found, length: answer.ContentLength };
  } catch (error) {
    dropBody(answer);
    throw error;
  }
}

/** Whether a read failed because the object still has the ETag `ifNoneMatch`. */
export function isNotModified(error: unknown): boolean {
  return error instanceof S3AccessError && statusOf(error.cause) === 304;
}

function changedError(address: string, etag: string | undefined, cause?: unknown): ArtefactChangedError {
  return new ArtefactChangedError(
    `${address}: another object is there now: expected the one with ETag ${etag ?? "read so far"}`,
    { cause },
  );
}

function unusable(address: string, fault: string): S3AccessError {
  return new S3AccessError(`${address}: the server's answer ${fault}`, { retryable: false });
}

/**
 * Hide checksums from the SDK that it cannot compute. It would reject the answer because of them.
 *
 * These are SHA512, MD5, and three kinds of XXHASH. This package's own hash still checks the bytes.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
function skipUnknownChecksums(command: GetObjectCommand): void {
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const headers = headersOf(result.response);
      for (const name of Object.keys(headers)) {
        if (name.startsWith(CHECKSUM_PREFIX) && !SDK_CHECKSUMS.has(name.slice(CHECKSUM_PREFIX.length))) {
          // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the SDK's headers are a plain object
          delete headers[name];
        }
      }
      return result;
    },
    // Before the SDK's own check, which is closer to the caller.
    { step: "deserialize", priority: "low", name: "pipelineUtilsChecksums" },
  );
}

function headersOf(response: unknown): Record<string, unknown> {
  const isAnswer = typeof response === "object" && response !== null && "headers" in response;
  const headers: unknown = isAnswer ? response.headers : undefined;
  return isObject(headers) ? headers : {};
}

/**
 * Stream the bytes of an answer, and request the rest of the same object if the connection breaks.
 *
 * The SDK retries requests, but not bodies.
 *
 * @throws {ArtefactChangedError} The object was replaced before the rest could be read.
 * @throws {S3AccessError} The connection broke three times with no bytes in between.
 */
export async function* resumingBody(
  reference: ObjectReference,
  first: OpenBody,
  { client, signal }: { readonly client: S3Client; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  const address = addressOf(reference.bucket, reference.key);
  const same = {
    ...reference,
    etag: first.etag,
    versionId: first.VersionId ?? reference.versionId,
  };
  const size = first.length;
  let answer = first;
  let bytesDone = 0;
  let failures = 0;
  for (;;) {
    try {
      for await (const chunk of bodyChunks(answer)) {
        signal?.throwIfAborted();
        failures = 0;
        bytesDone += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (isChecksumFault(error)) {
        throw new ArtefactChangedError(`${address}: damaged: ${error.message}`, { cause: error });
      }
      const fault = translateS3Error(
        error,
        `${address} after ${bytesDone} of ${size} bytes`,
        otherServer(client),
      );
      const wait = WAITS_MILLISECONDS[failures];
      const mayHelp =
        fault instanceof S3AccessError && fault.retryable && bytesDone < size && wait !== undefined;
      if (!mayHelp) {
        throw fault;
      }
      failures += 1;
      const message = `${fault.message}, requesting the rest in ${wait} ms`;
      reportRetry(client, { attempt: failures, waitMilliseconds: wait, error: fault, message });
      await pause(wait, signal);
    }
    answer = await openBody(same, bytesDone, { client, signal });
  }
}

/** The SDK checks the server's own checksum, if there is one, at the end of the body. */
function isChecksumFault(error: unknown): error is Error {
  return error instanceof Error && /^checksum mismatch/i.test(error.message);
}

async function* bodyChunks({ Body }: GetObjectCommandOutput): AsyncGenerator<Uint8Array> {
  if (Body === undefined) {
    return;
  }
  // In Node the SDK's body is a Readable; its type also covers browsers.
  if (!(Symbol.asyncIterator in Body)) {
    throw new TypeError("the body is not a Node stream");
  }
  for await (const chunk of Body) {
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError("the body is not binary");
    }
    yield chunk;
  }
}
