import type { ChunkSignatures } from "../auth/chunk-signatures.js";
import { S3Error } from "../errors.js";

/** Longest line: a chunk's size and signature, or a trailer. */
const MAX_LINE_BYTES = 1024;
const MAX_TRAILERS = 16;

interface AwsChunkedOptions {
  /** Verifies the chunks of a signed body; `undefined` if the body is unsigned. */
  readonly signatures: ChunkSignatures | undefined;
  /** Whether a trailer follows the last chunk. */
  readonly trailer: boolean;
}

/**
 * Decode a body in `aws-chunked` encoding. The bytes of a chunk are yielded before its signature is verified.
 *
 * @returns The trailers, by name in lower case.
 * @throws {S3Error} InvalidChunkSizeError, IncompleteBody, MalformedTrailerError, SignatureDoesNotMatch.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array, void>,
  { signatures, trailer }: AwsChunkedOptions,
): AsyncGenerator<Uint8Array, ReadonlyMap<string, string>, undefined> {
  const reader = new ByteReader(source);
  for (;;) {
    const { size, signature } = parseChunkHeader(await requiredLine(reader));
    for await (const piece of reader.bytes(size)) {
      signatures?.update(piece);
      yield piece;
    }
    signatures?.endChunk(signature);
    if (size === 0) {
      break;
    }
    if ((await requiredLine(reader)) !== "") {
      throw new S3Error("InvalidChunkSizeError", "A chunk of the body is longer than it says");
    }
  }
  return readTrailers(reader, trailer, signatures);
}

async function requiredLine(reader: ByteReader): Promise<string> {
  const line = await reader.line(MAX_LINE_BYTES);
  if (line === undefined) {
    throw incompleteBody();
  }
  return line;
}

/** `10000;chunk-signature=…`, the size in hexadecimal. */
function parseChunkHeader(line: string): { size: number; signature: string } {
  const header = /^([0-9a-fA-F]{1,10})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (header?.[1] === undefined) {
    throw new S3Error(
      "InvalidChunkSizeError",
      `A chunk of the body begins with "${line.slice(0, 40)}", not with its size`,
    );
  }
  return { size: Number.parseInt(header[1], 16), signature: header[2] ?? "" };
}

async function readTrailers(
  reader: ByteReader,
  expected: boolean,
  signatures: ChunkSignatures | undefined,
): Promise<ReadonlyMap<string, string>> {
  const trailers = new Map<string, string>();
  let signed = "";
  let signature: string | undefined;
  for (
    let line = await reader.line(MAX_LINE_BYTES);
    line !== undefined;
    line = await reader.line(MAX_LINE_BYTES)
  ) {
    // Some clients end the trailer with an empty line, others with the body.
    if (line === "") {
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (colon < 1 || !expected || trailers.size === MAX_TRAILERS || signature !== undefined) {
      throw malformedTrailer();
    }
    if (name === "x-amz-trailer-signature") {
      signature = value;
    } else {
      trailers.set(name, value);
      signed += `${name}:${value}\n`;
    }
  }
  if (expected) {
    signatures?.endTrailer(signed, signature ?? "");
  }
  return trailers;
}

export function malformedTrailer(): S3Error {
  return new S3Error(
    "MalformedTrailerError",
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
  );
}

/** Reads lines and byte counts from a stream. It holds at most one chunk and one line in memory. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array, void>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array, void>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** A line without its CRLF, up to `limit` bytes; `undefined` at the end of the stream. */
  async line(limit: number): Promise<string | undefined> {
    let end = this.#buffer.indexOf("\r\n");
    while (end < 0 && this.#buffer.length <= limit) {
      const next = await this.#next();
      if (next === undefined) {
        if (this.#buffer.length > 0) {
          throw incompleteBody();
        }
        return undefined;
      }
      this.#buffer = Buffer.concat([this.#buffer, next]);
      end = this.#buffer.indexOf("\r\n");
    }
    if (end < 0 || end > limit) {
      throw new S3Error(
        "InvalidRequest",
        `The body's chunked encoding has a line of more than ${limit} bytes`,
      );
    }
    const line = this.#buffer.toString("latin1", 0, end);
    this.#buffer = this.#buffer.subarray(end + 2);
    return line;
  }

  /** Exactly `length` bytes, piece by piece. */
  async *bytes(length: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = length; left > 0;) {
      if (this.#buffer.length === 0) {
        const next = await this.#next();
        if (next === undefined) {
          throw incompleteBody();
        }
        this.#buffer = next;
      }
      const piece = this.#buffer.subarray(0, left);
      this.#buffer = this.#buffer.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async #next(): Promise<Buffer | undefined> {
    const next = await this.#chunks.next();
    if (next.done === true) {
      return undefined;
    }
    const chunk = next.value;
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

export function incompleteBody(): S3Error {
  return new S3Error(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );
}
