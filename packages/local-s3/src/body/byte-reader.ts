import { S3Error } from "../s3-error.js";

/** Reads lines and runs of bytes off a stream, holding no more than one chunk of it and one line. */
export class ByteReader {
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
