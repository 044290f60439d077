import { createHash } from "node:crypto";

import { SerialisationError } from "../../../errors.js";
import type { S3TimestampedArtefact } from "../artefact.js";
import { addressOf } from "../location.js";
import { beginWrite, putBody } from "./put-object.js";
import type { PutObjectOptions } from "./put-object.js";
import { survey } from "./survey.js";
import type { Write } from "./write.js";

/**
 * Write what can be serialised twice as a timestamped artefact; all else as for `putObjectToS3`.
 *
 * What goes in one request is serialised once. What is more is serialised a first time for its size and sha256, so that the
 * object has them and unchanged content is known before anything is sent, and again to send it.
 *
 * @throws {SerialisationError} As of `serialise`, with the address; or the two times differ.
 */
export async function putRepeatable(
  serialise: () => AsyncIterable<Uint8Array>,
  options: PutObjectOptions,
): Promise<S3TimestampedArtefact> {
  const write = beginWrite(options);
  const { known, whole } = await survey(withAddress(serialise(), write), write);
  return putBody(write, whole ?? sameAgain(withAddress(serialise(), write), known.sha256, write), known);
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

async function* sameAgain(
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
