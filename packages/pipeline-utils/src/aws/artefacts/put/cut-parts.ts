import { isUint8Array } from "node:util/types";

import { argumentError } from "../../../argument-error.js";

/**
 * Cut a stream into parts of `partSize` bytes; the last may be shorter. Only one part is in memory at a time.
 *
 * Each chunk is copied before the next is requested, so the source may reuse its buffer.
 */
export async function* cutParts(
  source: AsyncIterable<Uint8Array>,
  partSize: number,
): AsyncGenerator<Uint8Array, undefined> {
  let part = Buffer.allocUnsafe(partSize);
  let filled = 0;
  for await (const chunk of source) {
    // A stream with an encoding yields strings. Reject them: they have no bytes, and would become an empty object.
    if (!isUint8Array(chunk)) {
      throw argumentError("a chunk of the body", chunk, "a Uint8Array");
    }
    for (let rest = chunk; rest.length > 0;) {
      const head = rest.subarray(0, partSize - filled);
      part.set(head, filled);
      filled += head.length;
      rest = rest.subarray(head.length);
      if (filled === partSize) {
        yield part;
        // Allocate a new part, because the old one may still be uploading.
        part = Buffer.allocUnsafe(partSize);
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    yield part.subarray(0, filled);
  }
  return undefined;
}
