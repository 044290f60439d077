import { createHash } from "node:crypto";

import { checkWritable } from "./check-writable.js";
import type { KnownBody } from "./put-in-parts.js";
import { DEFAULT_PART_SIZE } from "./part-size.js";
import type { Write } from "./write.js";

/** What a first reading of a body tells. */
export interface Survey {
  readonly known: KnownBody;
  /** All of it, if it goes in one request and need not be read again. */
  readonly whole: AsyncIterable<Uint8Array> | undefined;
}

/**
 * Read a body that can be read twice, for its size and its sha256: the metadata of an upload in parts are sent before its bytes.
 *
 * At most one part is kept in memory. Of more than that it is made sure first that it may be written.
 */
export async function survey(body: AsyncIterable<Uint8Array>, write: Write): Promise<Survey> {
  const sha256 = createHash("sha256");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    write.signal?.throwIfAborted();
    const wasSmall = size <= DEFAULT_PART_SIZE;
    sha256.update(chunk);
    size += chunk.length;
    // Copied, since its memory may be used for the next.
    if (size <= DEFAULT_PART_SIZE) {
      chunks.push(Buffer.from(chunk));
    } else if (wasSmall) {
      chunks.length = 0;
      await checkWritable(write);
    }
  }
  const known = { size, sha256: sha256.digest("hex"), isWritable: size > DEFAULT_PART_SIZE };
  return { known, whole: size <= DEFAULT_PART_SIZE ? iterate(chunks) : undefined };
}

async function* iterate(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
