import { FormatError } from "../../errors.js";
import { type ByteRanges } from "./byte-ranges.js";
import { isTrap } from "./parquet-wasm.js";

/** Why a range could not be read, as `cause`; to be told from the faults of the bytes. */
class SourceFault extends Error {}

/** A source whose errors are told from others, and whose ranges are whole. */
export function guardedRanges(source: ByteRanges): ByteRanges {
  return {
    size: source.size,
    read: async (start, end) => {
      const bytes = await readOf(source, start, end);
      if (bytes.length === end - start) return bytes;
      throw new RangeError(`the source gave ${bytes.length} bytes of ${end - start} asked for`);
    },
  };
}

async function readOf(source: ByteRanges, start: number, end: number): Promise<Uint8Array> {
  try {
    return await source.read(start, end);
  } catch (cause) {
    throw new SourceFault("a range could not be read", { cause });
  }
}

/** Run a step of reading; what the bytes are at fault for becomes a FormatError, what the source threw stays as it is. */
export async function attempt<T>(address: string, part: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    if (cause instanceof SourceFault) throw cause.cause;
    throw new FormatError(`${address}: ${part} is not readable as Parquet: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // A trap of WebAssembly says no more than "unreachable": of pages that repeat few values, a few bytes make gigabytes.
  return isTrap(cause)
    ? `it is damaged, or larger than the decoder's memory once decoded (${cause.message})`
    : cause.message;
}
