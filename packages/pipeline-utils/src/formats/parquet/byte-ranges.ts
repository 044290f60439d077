/** A file of which any part can be read: on a disk, or an object of a store that takes ranges. */
export interface ByteRanges {
  /** Bytes of the file. */
  readonly size: number;
  /** The bytes from `start` to before `end`. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Whether a source is read by ranges and not as a stream. */
export function isByteRanges(source: AsyncIterable<Uint8Array> | ByteRanges): source is ByteRanges {
  return !(Symbol.asyncIterator in source);
}

/** The ranges of bytes in memory. */
export function rangesOf(bytes: Uint8Array): ByteRanges {
  return { size: bytes.length, read: async (start, end) => bytes.subarray(start, end) };
}
