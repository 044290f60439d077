import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";

import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";

import { ArtefactExistsError } from "../../errors.js";
import { defaultS3Client } from "../client.js";
import { unquoteEtag } from "../etag.js";
import { S3TimestampedArtefact } from "./artefact.js";
import { readAll } from "./body.js";
import { callS3 } from "./call-s3.js";
import { addressOf, checkBucket, checkKey, folderPrefix } from "./location.js";
import { SHA256_METADATA, WRITE_ID_METADATA } from "./metadata.js";
import type { PutOptions } from "./options.js";
import { attemptsOf, statusOf } from "./s3-error.js";

/** How to write an object whose file name the caller chooses. */
export interface PutObjectOptions extends PutOptions {
  /** With a timestamp and a format, as `makeTimestampedFilename` makes it. */
  readonly filename: string;
}

/**
 * Write bytes as a timestamped artefact, without replacing one unless told to.
 *
 * @param body - The bytes, whole or streamed.
 * @returns The artefact as it was written.
 * @throws {ArtefactExistsError} The key is taken and `overwrite` was not given.
 * @throws {InvalidArtefactKeyError}
 * @throws {S3AccessError}
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export async function putObjectToS3(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  options: PutObjectOptions,
): Promise<S3TimestampedArtefact> {
  const {
    bucket,
    folder,
    filename,
    overwrite = false,
    client = defaultS3Client(),
    signal,
    onProgress,
  } = options;
  const key = checkKey(bucket, folderPrefix(checkBucket(bucket), folder) + filename);
  const address = addressOf(bucket, key);
  // Refuses a name without timestamp before anything is sent.
  new S3TimestampedArtefact({ bucket, key, etag: "" }, client);
  const bytes = body instanceof Uint8Array ? body : await readAll(body);
  const writeId = randomUUID();
  const { etag, versionId } = await callS3(address, signal, async (sendOptions) => {
    try {
      const answer = await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: bytes,
          ContentLength: bytes.length,
          Metadata: {
            [SHA256_METADATA]: createHash("sha256").update(bytes).digest("hex"),
            [WRITE_ID_METADATA]: writeId,
          },
          ...(overwrite ? {} : { IfNoneMatch: "*" }),
        }),
        sendOptions,
      );
      return { etag: unquoteEtag(answer.ETag ?? ""), versionId: answer.VersionId };
    } catch (error) {
      if (statusOf(error) !== 412) throw error;
      if (attemptsOf(error) > 1) {
        // The object in the way may be this very write, whose answer was lost.
        const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), sendOptions);
        if (head.Metadata?.[WRITE_ID_METADATA] === writeId) {
          return { etag: unquoteEtag(head.ETag ?? ""), versionId: head.VersionId };
        }
      }
      throw new ArtefactExistsError(`${address} exists already; pass overwrite: true to replace it`, {
        cause: error,
      });
    }
  });
  onProgress?.({ bytesDone: bytes.length, bytesTotal: bytes.length });
  return new S3TimestampedArtefact({ bucket, key, etag, versionId }, client);
}

/**
 * Write a file as a timestamped artefact, without replacing one unless told to.
 *
 * @param path - Of the local file.
 * @throws As {@link putObjectToS3}, and Node's own errors for a file that cannot be read.
 */
export async function putFileToS3(path: string, options: PutObjectOptions): Promise<S3TimestampedArtefact> {
  return putObjectToS3(await readFile(path), options);
}
