import { S3Error } from "../s3-error.js";
import { ByteReader, incompleteBody } from "./byte-reader.js";
import type { ChunkSignatures } from "./chunk-signatures.js";

/** The longest line: a chunk's size and signature, or a trailer. */
const maxLine = 1024;
const maxTrailers = 16;

export interface AwsChunkedOptions {
  /** For a signed body, what checks its signatures. */
  readonly signatures: ChunkSignatures | undefined;
  /** Whether a trailer follows the last chunk. */
  readonly trailer: boolean;
}

/**
 * Decode a body in `aws-chunked` encoding; a chunk's bytes are passed on before its signature is checked.
 *
 * @returns After the bytes, the trailers, names in lower case.
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
  const line = await reader.line(maxLine);
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
  for (let line = await reader.line(maxLine); line !== undefined; line = await reader.line(maxLine)) {
    // The line is followed by another end of line, or by the end of the body: clients differ.
    if (line === "") {
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (colon < 1 || !expected || trailers.size === maxTrailers || signature !== undefined) {
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
