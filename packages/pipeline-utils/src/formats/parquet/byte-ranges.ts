import { argumentError } from "../../argument-error.js";
import { FormatError } from "../../errors.js";
import { BYTE_SOURCES, checkedChunks, isAsyncIterable, memoryOf, ownBytes } from "../byte-source.js";
import type { ByteSource } from "../byte-source.js";
import { isTrap } from "./parquet-wasm.js";

/** A file whose parts can be read separately: on a disk, or in a store that supports ranges. */
export interface ByteRanges {
  /** Bytes of the file. */
  readonly size: number;
  /** Read the bytes from `start` to before `end`. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/**
 * The ranges of any source. A stream is read into memory.
 *
 * @throws {TypeError} The source is none, in a caller without types.
 */
export async function openRanges(
  source: ByteSource | ByteRanges,
  signal: AbortSignal | undefined,
): Promise<ByteRanges> {
  const bytes = memoryOf(source);
  if (bytes !== undefined) {
    return rangesOf(bytes);
  }
  if (source instanceof Blob) {
    return rangesOfBlob(source);
  }
  if (isAsyncIterable(source)) {
    return rangesOf(await collectBytes(checkedChunks(source), signal));
  }
  if (!isByteRanges(source)) {
    throw argumentError("source", source, `${BYTE_SOURCES}, or ranges { size, read }`);
  }
  return source;
}

function isByteRanges(source: unknown): source is ByteRanges {
  return (
    typeof source === "object" &&
    source !== null &&
    "size" in source &&
    typeof source.size === "number" &&
    "read" in source &&
    typeof source.read === "function"
  );
}

/** Gather a byte stream into one array. Throws the signal's reason at the next chunk. */
async function collectBytes(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) {
    signal?.throwIfAborted();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function rangesOfBlob(blob: Blob): ByteRanges {
  return {
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}

/** Make ranges of bytes in memory. */
export function rangesOf(bytes: Uint8Array): ByteRanges {
  return { size: bytes.length, read: async (start, end) => bytes.subarray(start, end) };
}

/** Marks an error of the source, its `cause`, so that `attempt` does not blame the bytes for it. */
class SourceError extends Error {}

/** A source that rejects ranges of the wrong length, and marks the errors of its reads for `attempt`. */
export function guardedRanges(source: ByteRanges): ByteRanges {
  return {
    size: source.size,
    read: async (start, end) => {
      const bytes = await readMarked(source, start, end);
      if (bytes.length !== end - start) {
        throw new RangeError(`the source gave ${bytes.length} bytes, expected ${end - start}`);
      }
      return bytes;
    },
  };
}

async function readMarked(source: ByteRanges, start: number, end: number): Promise<Uint8Array> {
  try {
    return ownBytes(await source.read(start, end));
  } catch (cause) {
    throw new SourceError("a range could not be read", { cause });
  }
}

/**
 * Run a step of reading.
 *
 * @throws {FormatError} The bytes caused the error. An error of the source is thrown unchanged.
 */
export async function attempt<T>(address: string, part: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof FormatError) {
      throw cause;
    }
    if (cause instanceof SourceError) {
      throw cause.cause;
    }
    const message = cause instanceof Error ? cause.message : String(cause);
    // The message of a trap is only "unreachable". A few bytes of pages that repeat a value can decode to gigabytes.
    const reason = isTrap(cause)
      ? `it is damaged, or larger than the decoder's memory once decoded (${message})`
      : message;
    throw new FormatError(`${address}: ${part} is not readable as Parquet: ${reason}`, { cause });
  }
}
