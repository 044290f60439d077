import { FormatError } from "../../errors.js";
import { isTrap } from "./parquet-wasm.js";

/** A file whose parts can be read separately: on a disk, or in a store that supports ranges. */
export interface ByteRanges {
  /** Bytes of the file. */
  readonly size: number;
  /** Read the bytes from `start` to before `end`. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Whether a source is read by ranges rather than as a stream. */
export function isByteRanges(source: AsyncIterable<Uint8Array> | ByteRanges): source is ByteRanges {
  return !(Symbol.asyncIterator in source);
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
    return await source.read(start, end);
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
