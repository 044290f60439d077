import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";

import { ArtefactChangedError, S3AccessError } from "../../../errors.js";
import { reportRetry } from "../../client.js";
import { otherServer, pause } from "../call-s3.js";
import { addressOf } from "../location.js";
import { translateS3Error } from "../../s3-error.js";
import { openBody } from "./open-body.js";
import type { ObjectReference, OpenBody } from "./open-body.js";

/** Waits before the rest is requested. The first applies again whenever bytes have arrived. */
const WAITS_MILLISECONDS = [100, 400];

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
      for await (const chunk of chunksOf(answer)) {
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

async function* chunksOf({ Body }: GetObjectCommandOutput): AsyncGenerator<Uint8Array> {
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
