import { createHash, randomUUID } from "node:crypto";
import { isUint8Array } from "node:util/types";

import { argumentError, checkOptions } from "../../../argument-error.js";
import type { OptionKinds } from "../../../argument-error.js";
import { isEtag, unquoteEtag } from "../../etag.js";
import { parseTimestampedKey } from "../../timestamped-key.js";
import { S3TimestampedArtefact } from "../artefact.js";
import { clientOf } from "../headers.js";
import { s3Lister } from "../lister.js";
import { addressOf, checkBucket, checkKey, folderPrefix } from "../location.js";
import { headObject, recordedSha256 } from "../metadata.js";
import type { PutOptions } from "../options.js";
import { progressReporter, PUT_OPTIONS } from "../options.js";
import { findLatestObject } from "../search/find-latest-object.js";
import { cutPieces, readStart, untilAborted } from "./body-stream.js";
import { DEFAULT_PART_BYTES, partSizeFor, putInParts } from "./put-in-parts.js";
import type { KnownBody } from "./put-in-parts.js";
import { putWhole } from "./write-once.js";
import type { ContentHashes } from "./write-once.js";
import { etagOf } from "./write.js";
import type { Write, Written } from "./write.js";

/** How to write an object whose file name the caller chooses. */
export interface PutObjectOptions extends PutOptions {
  /** File name with a timestamp and a format, as `makeTimestampedFilename` returns it. */
  readonly filename: string;
}

export const PUT_OBJECT_OPTIONS: OptionKinds<PutObjectOptions> = { filename: "text", ...PUT_OPTIONS };

/**
 * Write bytes as a timestamped artefact. The object appears complete or not at all, and replaces none unless
 * `overwrite` or `ifMatch` is given.
 *
 * Up to 8 MiB are sent in one request. Larger bodies are streamed as a multipart upload, with about 50 MiB in memory at
 * most. If the upload fails, none of its parts stays behind.
 *
 * @param body - The bytes, whole or streamed.
 * @returns The artefact that was written. With `skipUnchanged` and unchanged content, the existing artefact.
 * @throws {ArtefactExistsError} The key is taken and `overwrite` was not given.
 * @throws {ArtefactChangedError} The object at the key does not have the ETag `ifMatch`.
 * @throws {InvalidArtefactKeyError} The bucket, folder or file name is invalid, or the name has no timestamp.
 * @throws {S3AccessError} S3 failed or denied access.
 * @throws {TypeError} `overwrite` and `ifMatch` are given together, a header is unknown, or, in a caller without types,
 *   `body` is neither bytes nor a stream, or its chunks are text.
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
  const sha256 =
    body.length > DEFAULT_PART_BYTES ? createHash("sha256").update(body).digest("hex") : undefined;
  return putBody(write, body, { size: body.length, sha256, isWritable: false });
}

/** Check a caller's options and make a write of them, before anything is read or sent. */
export function beginWrite(options: PutObjectOptions): Write {
  const { bucket, folder, filename, overwrite = false, ifMatch, skipUnchanged = false } = options;
  const { signal, onProgress } = options;
  if (typeof filename !== "string") {
    throw argumentError("filename", filename, "text");
  }
  if (ifMatch !== undefined && (typeof ifMatch !== "string" || !isEtag(unquoteEtag(ifMatch)))) {
    throw argumentError("ifMatch", ifMatch, "the ETag of an object, which is not weak");
  }
  if (overwrite && ifMatch !== undefined) {
    throw new TypeError("overwrite and ifMatch are both given: ifMatch alone replaces the object it names");
  }
  const client = clientOf(options);
  const key = checkKey(bucket, folderPrefix(checkBucket(bucket), folder) + filename);
  // The constructor rejects a name without a timestamp.
  new S3TimestampedArtefact({ bucket, key, etag: "" }, client);
  return {
    client,
    bucket,
    key,
    overwrite,
    ifMatch: ifMatch === undefined ? undefined : unquoteEtag(ifMatch),
    skipUnchanged,
    writeId: randomUUID(),
    signal,
    onProgress: progressReporter(onProgress),
  };
}

/** Write a body. Its size and sha256 may be known before it is read. */
export async function putBody(
  write: Write,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  known: KnownBody,
): Promise<S3TimestampedArtefact> {
  const { client, bucket, key, skipUnchanged } = write;
  const { size, sha256 } = known;
  if (skipUnchanged && sha256 !== undefined && size !== undefined && size > DEFAULT_PART_BYTES) {
    const there = await findUnchanged(write, { etag: undefined, sha256 });
    if (there !== undefined) {
      return there;
    }
  }
  let unchanged: S3TimestampedArtefact | undefined;
  const isWanted = async (hashes: ContentHashes): Promise<boolean> => {
    if (skipUnchanged) {
      unchanged = await findUnchanged(write, hashes);
    }
    return unchanged === undefined;
  };
  const written = await sendBody(write, body, known, isWanted);
  if (written !== undefined) {
    return new S3TimestampedArtefact({ bucket, key, ...written }, client);
  }
  if (unchanged !== undefined) {
    return unchanged;
  }
  throw new Error(`${addressOf(bucket, key)}: the object was not written`);
}

/** Send a body in one request or in parts, depending on its size. */
async function sendBody(
  write: Write,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  known: KnownBody,
  isWanted: (hashes: ContentHashes) => Promise<boolean>,
): Promise<Written | undefined> {
  const partSize = partSizeFor(known.size);
  if (isUint8Array(body)) {
    return body.length <= partSize
      ? putWhole(write, body, isWanted)
      : putInParts(write, { bytes: body, known, stop: () => undefined }, isWanted);
  }
  const ended = new AbortController();
  const { signal } = ended;
  const untilEnd = write.signal === undefined ? signal : AbortSignal.any([signal, write.signal]);
  const pieces = cutPieces(untilAborted(body, untilEnd));
  try {
    const { whole, stream } = await readStart(pieces, partSize);
    const stop = (error: unknown): void => {
      ended.abort(error);
    };
    return await (whole === undefined
      ? putInParts(write, { bytes: stream, known, stop }, isWanted)
      : putWhole(write, whole, isWanted));
  } finally {
    // Do not wait for a source that still hangs.
    ended.abort();
    await pieces.return(undefined);
  }
}

/**
 * Find the latest artefact with the name and format of the write, if its content is the same.
 *
 * @returns undefined if the content differs, or there is no such artefact.
 */
async function findUnchanged(
  { client, bucket, key, signal }: Write,
  hashes: ContentHashes,
): Promise<S3TimestampedArtefact | undefined> {
  const parsed = parseTimestampedKey(key);
  if (parsed === undefined) {
    return undefined;
  }
  const latest = await findLatestObject(s3Lister(client, bucket, signal), {
    folder: key.slice(0, key.lastIndexOf("/") + 1),
    fileFormat: parsed.fileFormat,
    filenamePrefix: parsed.namePrefix.replace(/[_\-. ]$/, ""),
    recursive: false,
  });
  if (latest === undefined) {
    return undefined;
  }
  const head = await headObject(client, bucket, latest.key, { signal });
  // The object was deleted or replaced after the listing.
  if (head === undefined || etagOf(head) !== latest.etag) {
    return undefined;
  }
  const sha256 = recordedSha256(head);
  // Prefer the sha256, which depends on the content alone. An ETag also depends on part size and encryption.
  const areBothKnown = sha256 !== undefined && hashes.sha256 !== undefined;
  if (areBothKnown ? sha256 !== hashes.sha256 : latest.etag !== hashes.etag) {
    return undefined;
  }
  return new S3TimestampedArtefact(
    { bucket, key: latest.key, etag: latest.etag, versionId: head.VersionId },
    client,
  );
}
