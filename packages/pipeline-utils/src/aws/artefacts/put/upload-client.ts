import { isUint8Array } from "node:util/types";
import { createHash } from "node:crypto";

import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type {
  CompleteMultipartUploadCommand,
  CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
  CreateMultipartUploadCommandOutput,
  S3Client,
  UploadPartCommandInput,
  UploadPartCommandOutput,
} from "@aws-sdk/client-s3";

import { argumentError } from "../../../argument-error.js";
import { S3AccessError, SerialisationError } from "../../../errors.js";
import { reportRetry } from "../../client.js";
import { requireEtag } from "../../etag.js";
import { describeS3Fault, statusOf } from "../../s3-error.js";
import { callS3, pause } from "../call-s3.js";
import { addressOf } from "../location.js";
import type { Write } from "./write.js";

/**
 * S3's limit on the parts of an upload.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export const MAX_PARTS_PER_UPLOAD = 10_000;

/** How long to wait for the answer that begins an upload after the caller has aborted. */
const GRACE_MILLISECONDS = 1000;

/** Waits before a part is sent again. */
const PART_WAITS_MILLISECONDS = [200, 1000];

/** Time limit of the request that aborts an upload. It does not depend on the caller's signal. */
const ABORT_MILLISECONDS = 10_000;

/** The commands that the SDK's `Upload` sends for a body of several parts. */
type UploadCommand =
  | CreateMultipartUploadCommand
  | UploadPartCommand
  | CompleteMultipartUploadCommand
  | AbortMultipartUploadCommand;

/** A part that was sent. */
export interface SentPart {
  readonly number: number;
  readonly size: number;
  readonly md5: Uint8Array;
}

/** How the requests of an upload end. */
export interface UploadEvents {
  readonly onPart: (part: SentPart) => void;
  /** Called before the upload ends, while it may still wait for its source. */
  readonly onFault: (error: unknown) => void;
  /** Make the object appear. */
  readonly complete: (input: CompleteMultipartUploadCommandInput) => Promise<unknown>;
}

/**
 * The client of an upload. It sends the requests of the SDK's `Upload` with what that leaves out:
 *
 * - Each part has its MD5, and is sent again after an error that a retry can solve.
 * - The caller's signal ends a request. `Upload` itself would wait for it.
 * - After an abort, the begun upload is still awaited for a moment, because only its id lets it be aborted.
 * - Errors have the address. An upload that cannot be aborted is no error but a warning.
 */
export function uploadClient(write: Write, { onPart, onFault, complete }: UploadEvents): S3Client {
  // By their fields, because a program may hold two copies of the SDK with classes of their own.
  const send = async ({ input }: UploadCommand): Promise<unknown> => {
    if ("MultipartUpload" in input) {
      return complete(input);
    }
    if ("UploadId" in input && !("PartNumber" in input)) {
      return abort(write, input.UploadId);
    }
    // `Upload` would wait for its source before it reports the error.
    return ("PartNumber" in input ? sendPart(write, input, onPart) : begin(write, input)).catch(
      (error: unknown) => {
        onFault(error);
        throw error;
      },
    );
  };
  return new Proxy(write.client, {
    get: (client, name): unknown => (name === "send" ? send : Reflect.get(client, name)),
  });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
async function begin(
  { client, bucket, key, signal }: Write,
  { Metadata, ChecksumAlgorithm }: CreateMultipartUploadCommandInput,
): Promise<CreateMultipartUploadCommandOutput> {
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
  const command = new CreateMultipartUploadCommand({
    Bucket: bucket,
    Key: key,
    Metadata,
    ChecksumAlgorithm,
  });
  const answer = await callS3(client, address, late.signal, (options) =>
    client.send(command, options),
  ).finally(() => {
    signal?.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  });
  if (answer.UploadId !== undefined) {
    return answer;
  }
  throw new S3AccessError(`${address}: the server began an upload without giving its id`, {
    retryable: false,
  });
}

/**
 * Send a part, and send it again after an error that a retry can solve.
 *
 * The SDK retries for only a few seconds after the first attempt began. A part on a slow network takes longer, and one
 * broken connection must not cost an upload of hours.
 */
async function sendPart(
  write: Write,
  { UploadId, PartNumber = 0, Body }: UploadPartCommandInput,
  onPart: (part: SentPart) => void,
): Promise<UploadPartCommandOutput> {
  const address = addressOf(write.bucket, write.key);
  if (!isUint8Array(Body)) {
    throw argumentError("a part of the body", Body, "a Uint8Array");
  }
  if (PartNumber > MAX_PARTS_PER_UPLOAD) {
    throw new SerialisationError(
      `${address}: more than ${MAX_PARTS_PER_UPLOAD} parts of ${Body.length} bytes; upload it from a file`,
    );
  }
  const md5 = createHash("md5").update(Body).digest();
  for (let failures = 0; ; failures += 1) {
    try {
      const answer = await sendPartOnce(write, {
        Bucket: write.bucket,
        Key: write.key,
        UploadId,
        PartNumber,
        Body,
        ContentLength: Body.length,
        ContentMD5: md5.toString("base64"),
      });
      onPart({ number: PartNumber, size: Body.length, md5 });
      return answer;
    } catch (error) {
      const wait = PART_WAITS_MILLISECONDS[failures];
      if (!(error instanceof S3AccessError) || !error.retryable || wait === undefined) {
        throw error;
      }
      // A 404 means that the upload itself no longer exists.
      if (statusOf(error.cause) === 404) {
        throw error;
      }
      const message = `${error.message}, part ${PartNumber} is sent again in ${wait} ms`;
      reportRetry(write.client, { attempt: failures + 1, waitMilliseconds: wait, error, message });
      await pause(wait, write.signal);
    }
  }
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
async function sendPartOnce(
  { client, bucket, key, signal }: Write,
  input: UploadPartCommandInput,
): Promise<UploadPartCommandOutput> {
  const address = addressOf(bucket, key);
  const answer = await callS3(client, address, signal, (options) =>
    client.send(new UploadPartCommand(input), options),
  );
  requireEtag(answer.ETag, `${address}, part ${input.PartNumber}`);
  return answer;
}

/**
 * Have the server drop the parts of an upload.
 *
 * The request has its own signal, because the caller's signal may be what ended the upload. An error here only causes a
 * Node warning, so that the caller gets the error that ended the upload.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
 */
async function abort({ client, bucket, key }: Write, uploadId: string | undefined): Promise<void> {
  try {
    const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
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
