import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

import type { S3TimestampedArtefact } from "../artefact.js";
import { putBody } from "./put-object.js";
import type { PutObjectOptions } from "./put-object.js";

const READ_BYTES = 1024 * 1024;

/**
 * Write a file as a timestamped artefact; all else as for `putObjectToS3`.
 *
 * The file is read twice, the first time for its sha256; one that changes in between is not written.
 *
 * @param path - Of the local file.
 * @throws {Error} Node's own, for a file that cannot be read; or the file changed while it was read.
 */
export async function putFileToS3(path: string, options: PutObjectOptions): Promise<S3TimestampedArtefact> {
  const { size } = await stat(path);
  const sha256 = createHash("sha256");
  for await (const chunk of readFile(path, options.signal)) sha256.update(chunk);
  const expected = sha256.digest("hex");
  return putBody(readSame(path, expected, options.signal), { size, sha256: expected }, options);
}

async function* readFile(path: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, {
    highWaterMark: READ_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
}

/** The file again; fails at its end if it is not what it was. */
async function* readSame(
  path: string,
  expected: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const sha256 = createHash("sha256");
  for await (const chunk of readFile(path, signal)) {
    sha256.update(chunk);
    yield chunk;
  }
  if (sha256.digest("hex") !== expected) throw new Error(`${path} changed while it was read`);
}
