import { createHash } from "node:crypto";

import { SerialisationError } from "../../../errors.js";
import type { S3TimestampedArtefact } from "../artefact.js";
import { addressOf } from "../location.js";
import { beginWrite, putBody } from "./put-object.js";
import type { PutObjectOptions } from "./put-object.js";
import { survey } from "./survey.js";
import type { Write } from "./write.js";

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
