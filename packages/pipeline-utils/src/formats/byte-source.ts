import { isArrayBuffer, isUint8Array } from "node:util/types";
import { argumentError } from "../argument-error.js";

/**
 * The bytes of a file: a stream of chunks of any size, or all of them. A Blob may stand for a file on a disk, of which it
 * reads one part after another.
 */
export type ByteSource = AsyncIterable<Uint8Array> | Uint8Array | ArrayBuffer | Blob;

/** The sources, for messages. */
export const BYTE_SOURCES = "an async iterable of Uint8Array, a Uint8Array, an ArrayBuffer or a Blob";
/** Bytes of a chunk of a file in memory, as many as a stream of a file yields. */
const CHUNK_BYTES = 1 << 16;

/**
 * The chunks of a file.
 *
 * @throws {TypeError} The source is none, or yields something other than bytes, in a caller without types.
 */
export function chunksOf(source: ByteSource): AsyncIterable<Uint8Array> {
  const bytes = memoryOf(source);
  if (bytes !== undefined) {
    return partsOf(bytes);
  }
  if (source instanceof Blob) {
    return checkedChunks(source.stream());
  }
  if (isAsyncIterable(source)) {
    return checkedChunks(source);
  }
  throw argumentError("source", source, BYTE_SOURCES);
}

/** The bytes of a source that is in memory; undefined for others. */
export function memoryOf(source: unknown): Uint8Array | undefined {
  if (isUint8Array(source)) {
    return ownBytes(source);
  }
  return isArrayBuffer(source) ? new Uint8Array(source) : undefined;
}

/** The same bytes as an array of this realm. Arrow and the decoder do not know those of another one, as `node:vm` has. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = bytes;
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(buffer, byteOffset, length);
}

/** Whether a source is a stream. */
export function isAsyncIterable(source: unknown): source is AsyncIterable<unknown> {
  return typeof source === "object" && source !== null && Symbol.asyncIterator in source;
}

async function* partsOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    yield bytes.subarray(start, start + CHUNK_BYTES);
  }
}

/** A stream of a file that was opened with an encoding yields texts. */
export async function* checkedChunks(source: AsyncIterable<unknown>): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    if (!isUint8Array(chunk)) {
      throw argumentError("a chunk of source", chunk, "a Uint8Array");
    }
    yield ownBytes(chunk);
  }
}
