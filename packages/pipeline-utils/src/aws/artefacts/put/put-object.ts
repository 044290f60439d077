import { createHash, randomUUID } from "node:crypto";
import { isUint8Array } from "node:util/types";

import { argumentError, checkOptions } from "../../../argument-error.js";
import type { OptionNames } from "../../../argument-error.js";
import { defaultS3Client } from "../../client.js";
import { S3TimestampedArtefact } from "../artefact.js";
import { addressOf, checkBucket, checkKey, folderPrefix } from "../location.js";
import type { PutOptions } from "../options.js";
import { progressReporter, PUT_OPTIONS } from "../options.js";
import { cutParts } from "./cut-parts.js";
import { partSizeFor } from "./part-size.js";
import { putInParts } from "./put-in-parts.js";
import type { KnownBody } from "./put-in-parts.js";
import { putWhole } from "./put-whole.js";
import { findUnchanged } from "./unchanged.js";
import { untilAborted } from "./until-aborted.js";
import type { ContentHashes } from "./unchanged.js";
import type { Write } from "./write.js";

/** How to write an object whose file name the caller chooses. */
export interface PutObjectOptions extends PutOptions {
  /** File name with a timestamp and a format, as `makeTimestampedFilename` returns it. */
  readonly filename: string;
}

export const PUT_OBJECT_OPTIONS: OptionNames<PutObjectOptions> = { filename: true, ...PUT_OPTIONS };

/**
 * Write bytes as a timestamped artefact. The object appears complete or not at all, and replaces none unless
 * `overwrite` is given.
 *
 * Up to 8 MiB are sent in one request. Larger bodies are streamed as a multipart upload, with about 50 MiB in memory at
 * most. If the upload fails, none of its parts stays behind.
 *
 * @param body - The bytes, whole or streamed.
 * @returns The artefact that was written. With `skipUnchanged` and unchanged content, the existing artefact.
 * @throws {ArtefactExistsError} The key is taken and `overwrite` was not given.
 * @throws {InvalidArtefactKeyError} The bucket, folder or file name is invalid, or the name has no timestamp.
 * @throws {S3AccessError} S3 failed or denied access.
 * @throws {TypeError} `body` is neither bytes nor a stream, or its chunks are text, in a caller without types.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export async function putObjectToS3(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  options: PutObjectOptions,
): Promise<S3TimestampedArtefact> {
  checkOptions(options, PUT_OBJECT_OPTIONS);
  const write = beginWrite(options);
  if (!isUint8Array(body)) {
    if (!(Symbol.asyncIterator in Object(body))) {
      throw argumentError("body", body, "a Uint8Array or an async iterable of them");
    }
    return putBody(write, body, { size: undefined, sha256: undefined, isWritable: false });
  }
  const sha256 = createHash("sha256").update(body).digest("hex");
  return putBody(write, inOneChunk(body), { size: body.length, sha256, isWritable: false });
}

async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Check a caller's options and make a write of them, before anything is read or sent. */
export function beginWrite(options: PutObjectOptions): Write {
  const { bucket, folder, filename, overwrite = false, skipUnchanged = false } = options;
  const { client = defaultS3Client(), signal, onProgress } = options;
  if (typeof filename !== "string") {
    throw argumentError("filename", filename, "text");
  }
  const key = checkKey(bucket, folderPrefix(checkBucket(bucket), folder) + filename);
  // The constructor rejects a name without a timestamp.
  new S3TimestampedArtefact({ bucket, key, etag: "" }, client);
  const report = progressReporter(onProgress);
  return { client, bucket, key, overwrite, skipUnchanged, writeId: randomUUID(), signal, onProgress: report };
}

/** Write a body. Its size and sha256 may be known before it is read. */
export async function putBody(
  write: Write,
  body: AsyncIterable<Uint8Array>,
  known: KnownBody,
): Promise<S3TimestampedArtefact> {
  const { client, bucket, key, skipUnchanged } = write;
  let unchanged: S3TimestampedArtefact | undefined;
  const isWanted = async (hashes: ContentHashes): Promise<boolean> => {
    if (skipUnchanged) {
      unchanged = await findUnchanged(write, hashes);
    }
    return unchanged === undefined;
  };
  const partSize = partSizeFor(known.size);
  const { size, sha256 } = known;
  if (skipUnchanged && sha256 !== undefined && size !== undefined && size > partSize) {
    const there = await findUnchanged(write, { etag: undefined, sha256 });
    if (there !== undefined) {
      return there;
    }
  }
  const ended = new AbortController();
  const { signal } = ended;
  const untilEnd = write.signal === undefined ? signal : AbortSignal.any([signal, write.signal]);
  const parts = cutParts(untilAborted(body, untilEnd), partSize);
  try {
    const first = await parts.next();
    const second = await parts.next();
    const written =
      first.done === true || second.done === true
        ? await putWhole(write, first.value ?? new Uint8Array(), isWanted)
        : await putInParts(write, followedBy([first.value, second.value], parts), partSize, known, isWanted);
    if (written !== undefined) {
      return new S3TimestampedArtefact({ bucket, key, ...written }, client);
    }
  } finally {
    // Do not wait for a source that still hangs.
    ended.abort();
    await parts.return(undefined);
  }
  if (unchanged !== undefined) {
    return unchanged;
  }
  throw new Error(`${addressOf(bucket, key)}: the object was not written`);
}

async function* followedBy(
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}
