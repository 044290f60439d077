import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { open, stat } from "node:fs/promises";

import { checkOptions } from "../../../argument-error.js";
import { SerialisationError } from "../../../errors.js";
import type { S3TimestampedArtefact } from "../artefact.js";
import { addressOf } from "../location.js";
import { DEFAULT_PART_BYTES } from "./put-in-parts.js";
import type { KnownBody } from "./put-in-parts.js";
import { beginWrite, PUT_OBJECT_OPTIONS, putBody } from "./put-object.js";
import type { PutObjectOptions } from "./put-object.js";
import type { Write } from "./write.js";
import { checkWritable } from "./write-once.js";

const READ_BYTES = 1024 * 1024;

/**
 * Write a file as a timestamped artefact. See `putObjectToS3` for the options, the result and further errors.
 *
 * A file of more than 8 MiB is read twice, first to compute its sha256. The upload fails if the file changes in
 * between.
 *
 * @param path - Path of the local file.
 * @throws {Error} Node's own error for a file that cannot be read, or the file changed while it was read.
 */
export async function putFileToS3(path: string, options: PutObjectOptions): Promise<S3TimestampedArtefact> {
  checkOptions(options, PUT_OBJECT_OPTIONS);
  const write = beginWrite(options);
  const before = await stat(path);
  const { known, whole } = await survey(readFile(path, write.signal), write);
  return putBody(write, whole ?? readUnchanged(path, before, write.signal), known);
}

/**
 * Read the bytes of a file. All chunks share one buffer, so the caller hashes or copies each before asking for the
 * next.
 */
async function* readFile(path: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const handle = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) {
        return;
      }
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Read the file again. Fails at the end if the file has changed since `before`. */
async function* readUnchanged(
  path: string,
  before: Stats,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  yield* readFile(path, signal);
  const after = await stat(path);
  // ctime rather than mtime, because a program that changes the file can reset its mtime.
  const isSame = after.ctimeMs === before.ctimeMs && after.size === before.size && after.ino === before.ino;
  if (!isSame) {
    throw new Error(`${path} changed while it was read`);
  }
}

/**
 * Write content that can be serialised twice as a timestamped artefact. See `putObjectToS3` for further errors.
 *
 * Content that fits in one request is serialised once. Larger content is serialised twice: first for its size and
 * sha256, then to send it. The sha256 becomes metadata of the object, and shows unchanged content before anything is
 * sent.
 *
 * @throws {SerialisationError} From `serialise`, with the address added; or the two serialisations differ.
 */
export async function putRepeatable(
  serialise: () => AsyncIterable<Uint8Array>,
  options: PutObjectOptions,
): Promise<S3TimestampedArtefact> {
  const write = beginWrite(options);
  const { known, whole } = await survey(withAddress(serialise(), write), write);
  return putBody(write, whole ?? checkedAgainst(withAddress(serialise(), write), known.sha256, write), known);
}

async function* withAddress(
  body: AsyncIterable<Uint8Array>,
  { bucket, key }: Write,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    if (!(cause instanceof SerialisationError)) {
      throw cause;
    }
    throw new SerialisationError(`${addressOf(bucket, key)}: ${cause.message}`, { cause });
  }
}

async function* checkedAgainst(
  body: AsyncIterable<Uint8Array>,
  expected: string | undefined,
  { bucket, key }: Write,
): AsyncGenerator<Uint8Array> {
  const sha256 = createHash("sha256");
  for await (const chunk of body) {
    sha256.update(chunk);
    yield chunk;
  }
  if (sha256.digest("hex") !== expected) {
    throw new SerialisationError(`${addressOf(bucket, key)}: the data changed while they were written`);
  }
}

/** Results of the first reading of a body. */
interface Survey {
  readonly known: KnownBody;
  /** The whole body if it fits in one request, so that it is not read again. */
  readonly whole: Uint8Array | undefined;
}

/**
 * Read a body that can be read twice, to get its size and sha256. S3 takes the metadata of an upload before its bytes.
 *
 * At most one part is kept in memory. Once the body exceeds one part, S3 is asked whether the key can be written.
 */
async function survey(body: AsyncIterable<Uint8Array>, write: Write): Promise<Survey> {
  const sha256 = createHash("sha256");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    write.signal?.throwIfAborted();
    const wasSmall = size <= DEFAULT_PART_BYTES;
    sha256.update(chunk);
    size += chunk.length;
    // Copy the chunk, because the source may reuse its memory for the next one.
    if (size <= DEFAULT_PART_BYTES) {
      chunks.push(Buffer.from(chunk));
    } else if (wasSmall) {
      chunks.length = 0;
      await checkWritable(write);
    }
  }
  const known = { size, sha256: sha256.digest("hex"), isWritable: size > DEFAULT_PART_BYTES };
  return { known, whole: size <= DEFAULT_PART_BYTES ? Buffer.concat(chunks) : undefined };
}
