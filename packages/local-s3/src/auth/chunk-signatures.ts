import type { Hash } from "node:crypto";
import { createHash, timingSafeEqual } from "node:crypto";
import { S3Error } from "../errors.js";
import type { SignatureContext } from "./signature-v4.js";
import { hmacSha256, sha256Hex } from "./signature-v4.js";

/**
 * The chain of signatures over a body sent in signed chunks: each covers its chunk and the signature before it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export class ChunkSignatures {
  readonly #context: SignatureContext;
  #previous: string;
  #chunk: Hash = createHash("sha256");

  constructor(context: SignatureContext) {
    this.#context = context;
    this.#previous = context.signature;
  }

  update(data: Uint8Array): void {
    this.#chunk.update(data);
  }

  /** @throws {S3Error} SignatureDoesNotMatch. */
  endChunk(signature: string): void {
    const hash = this.#chunk.digest("hex");
    this.#chunk = createHash("sha256");
    this.#check("AWS4-HMAC-SHA256-PAYLOAD", [sha256Hex(""), hash], signature);
  }

  /**
   * @param trailers - Lines `name:value`, each with its newline.
   * @throws {S3Error} SignatureDoesNotMatch.
   */
  endTrailer(trailers: string, signature: string): void {
    this.#check("AWS4-HMAC-SHA256-TRAILER", [sha256Hex(trailers)], signature);
  }

  #check(algorithm: string, hashes: readonly string[], signature: string): void {
    const { key, timestamp, scope } = this.#context;
    const expected = hmacSha256(key, [algorithm, timestamp, scope, this.#previous, ...hashes].join("\n"));
    if (!/^[0-9a-f]{64}$/.test(signature) || !timingSafeEqual(expected, Buffer.from(signature, "hex"))) {
      throw new S3Error(
        "SignatureDoesNotMatch",
        "The signature of a chunk of the body we calculated does not match the signature you provided.",
      );
    }
    this.#previous = signature;
  }
}
