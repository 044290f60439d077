import { isUint8Array } from "node:util/types";

import { argumentError } from "../../../argument-error.js";

/** Small against a part, so that parts of different sizes in memory are not rounded up by much. */
const PIECE_BYTES = 1024 * 1024;

/** The beginning of a stream. */
export interface StreamStart {
  /** The whole stream, if it has at most `limit` bytes. */
  readonly whole: Uint8Array | undefined;
  /** The stream from its first byte on, otherwise. */
  readonly stream: AsyncIterable<Uint8Array>;
}

/** Read a stream until it ends or exceeds `limit` bytes. */
export async function readStart(pieces: AsyncGenerator<Uint8Array>, limit: number): Promise<StreamStart> {
  const first: Uint8Array[] = [];
  let size = 0;
  while (size <= limit) {
    const piece = await pieces.next();
    if (piece.done === true) {
      return { whole: Buffer.concat(first), stream: pieces };
    }
    first.push(piece.value);
    size += piece.value.length;
  }
  return { whole: undefined, stream: followedBy(first, pieces) };
}

async function* followedBy(first: Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // Remove each piece, so that it does not stay in memory until the stream ends.
  for (let piece = first.shift(); piece !== undefined; piece = first.shift()) {
    yield piece;
  }
  yield* rest;
}

/**
 * Cut a stream into pieces of 1 MiB; the last may be shorter. Only one piece is in memory at a time.
 *
 * Each chunk is copied before the next is requested, so the source may reuse its buffer.
 *
 * @throws {TypeError} A chunk is not a Uint8Array, in a caller without types.
 */
export async function* cutPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;
  for await (const chunk of source) {
    // A stream with an encoding yields strings. Reject them: they have no bytes, and would become an empty object.
    if (!isUint8Array(chunk)) {
      throw argumentError("a chunk of the body", chunk, "a Uint8Array");
    }
    for (let rest = chunk; rest.length > 0;) {
      const head = rest.subarray(0, PIECE_BYTES - filled);
      piece.set(head, filled);
      filled += head.length;
      rest = rest.subarray(head.length);
      if (filled === PIECE_BYTES) {
        yield piece;
        // Allocate a new piece, because the old one may still be uploading.
        piece = Buffer.allocUnsafe(PIECE_BYTES);
        filled = 0;
      }
    }
  }
  if (filled > 0) {
    yield piece.subarray(0, filled);
  }
  return undefined;
}

/**
 * Pass a stream on until the signal aborts, then throw the signal's reason. A source that hangs, such as a pipe or a
 * socket, cannot block its reader.
 */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  // A source that has ended, or failed by itself, need not be closed.
  let hasEnded = false;
  try {
    for (;;) {
      // The reader may have been busy when the signal aborted.
      signal.throwIfAborted();
      const next = await nextUntil(iterator, signal).catch((error: unknown) => {
        hasEnded = !signal.aborted;
        throw error;
      });
      if (next.done === true) {
        hasEnded = true;
        return undefined;
      }
      yield next.value;
    }
  } finally {
    if (!hasEnded) {
      const closed = Promise.resolve(iterator.return?.());
      // Do not wait for a source that hangs. It is asked to close, but may never confirm.
      if (signal.aborted) {
        closed.catch(() => undefined);
      } else {
        await closed;
      }
    }
  }
}

/**
 * The next item of a stream. Rejects with the signal's reason once the signal aborts.
 *
 * Each call adds its own listener. Racing against one shared promise would keep every chunk in memory until the end.
 */
async function nextUntil<T>(
  iterator: AsyncIterator<T>,
  signal: AbortSignal,
): Promise<IteratorResult<T, unknown>> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", stop, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => {
        signal.removeEventListener("abort", stop);
      });
  });
}
