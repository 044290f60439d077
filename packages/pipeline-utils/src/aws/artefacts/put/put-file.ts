import type { Stats } from "node:fs";
import { open, stat } from "node:fs/promises";

import { checkOptions } from "../../../argument-error.js";
import type { S3TimestampedArtefact } from "../artefact.js";
import { beginWrite, PUT_OBJECT_OPTIONS, putBody } from "./put-object.js";
import type { PutObjectOptions } from "./put-object.js";
import { survey } from "./survey.js";

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
