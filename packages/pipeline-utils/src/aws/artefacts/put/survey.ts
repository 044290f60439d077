import { createHash } from "node:crypto";

import { checkWritable } from "./check-writable.js";
import type { KnownBody } from "./put-in-parts.js";
import { DEFAULT_PART_BYTES } from "./part-size.js";
import type { Write } from "./write.js";

/** Results of the first reading of a body. */
export interface Survey {
  readonly known: KnownBody;
  /** The whole body if it fits in one request, so that it is not read again. */
  readonly whole: AsyncIterable<Uint8Array> | undefined;
}

/**
 * Read a body that can be read twice, to get its size and sha256. S3 takes the metadata of an upload before its bytes.
 *
 * At most one part is kept in memory. Once the body exceeds one part, S3 is asked whether the key can be written.
 */
export async function survey(body: AsyncIterable<Uint8Array>, write: Write): Promise<Survey> {
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
  return { known, whole: size <= DEFAULT_PART_BYTES ? iterate(chunks) : undefined };
}

async function* iterate(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
