import { isUint8Array } from "node:util/types";

import { argumentError } from "../../../argument-error.js";

/**
 * Cut a stream into parts of exactly one size, the last one shorter. One part is held at a time; chunks are copied into it before the
 * next is asked for.
 */
export async function* cutParts(
  source: AsyncIterable<Uint8Array>,
  partSize: number,
): AsyncGenerator<Uint8Array, undefined> {
  let part = Buffer.allocUnsafe(partSize);
  let filled = 0;
  for await (const chunk of source) {
    // A stream with an encoding has text, and what has no bytes must not become an empty object.
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
        // A new one: the old one may still be on its way.
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
