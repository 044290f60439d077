import { createHash } from "node:crypto";

import { SerialisationError } from "../../../errors.js";
import type { S3TimestampedArtefact } from "../artefact.js";
import { putBody } from "./put-object.js";
import type { PutObjectOptions } from "./put-object.js";
import { survey } from "./survey.js";

/**
 * Write what can be serialised twice as a timestamped artefact; all else as for `putObjectToS3`.
 *
 * What goes in one request is serialised once. What is more is serialised a first time for its size and sha256, so that the
 * object has them and unchanged content is known before anything is sent, and again to send it.
 *
 * @throws {SerialisationError} The two times differ.
 */
export async function putRepeatable(
  serialise: () => AsyncIterable<Uint8Array>,
  options: PutObjectOptions,
): Promise<S3TimestampedArtefact> {
  const { known, whole } = await survey(serialise(), options.signal);
  return putBody(whole ?? sameAgain(serialise(), known.sha256, options.filename), known, options);
}

async function* sameAgain(
  body: AsyncIterable<Uint8Array>,
  expected: string | undefined,
  filename: string,
): AsyncGenerator<Uint8Array> {
  const sha256 = createHash("sha256");
  for await (const chunk of body) {
    sha256.update(chunk);
    yield chunk;
  }
  if (sha256.digest("hex") !== expected)
    throw new SerialisationError(`${filename}: the data changed while they were written`);
}
