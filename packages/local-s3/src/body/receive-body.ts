import { createHash } from "node:crypto";
import type { SignatureContext } from "../auth/verify-signature.js";
import type { S3Request } from "../http/s3-request.js";
import { S3Error } from "../s3-error.js";
import type { Checksum, ChecksumAlgorithm } from "../store/model.js";
import { decodeAwsChunked, malformedTrailer } from "./aws-chunked.js";
import { incompleteBody } from "./byte-reader.js";
import { type ChecksumHasher, checksumHasher } from "./checksum-hasher.js";
import { ChunkSignatures } from "./chunk-signatures.js";
import { declaredChecksum, trailerNames } from "./declared-checksum.js";
import { contentLength, payloadEncoding } from "./payload-encoding.js";

export interface ReceivedBody {
  readonly size: number;
  readonly md5: Buffer;
  /** That which the request declared, else that of the algorithm asked for. */
  readonly checksum: Checksum | undefined;
}

export interface ReceiveOptions {
  /** The greatest number of bytes that is taken. */
  readonly limit: number;
  /** Compute this checksum if the request declares none. */
  readonly algorithm?: ChecksumAlgorithm | undefined;
}

/**
 * Read a body to its end, decode it, and check it against all that the request says of it: length, SHA-256, MD5, checksum, chunk signatures.
 *
 * @param write - Takes the decoded bytes as they come; what it got is void if this throws.
 * @throws {S3Error} BadDigest, XAmzContentSHA256Mismatch, IncompleteBody, EntityTooLarge, …
 */
export async function receiveBody(
  request: S3Request,
  context: SignatureContext,
  write: (chunk: Uint8Array) => Promise<void> | void,
  { limit, algorithm }: ReceiveOptions,
): Promise<ReceivedBody> {
  const encoding = payloadEncoding(request);
  const expectedSize = contentLength(request, encoding);
  if (expectedSize > limit) {
    throw new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
      details: { ProposedSize: String(expectedSize), MaxSizeAllowed: String(limit) },
    });
  }
  const declared = declaredChecksum(request);
  const sumAlgorithm = declared?.algorithm ?? algorithm;
  const sum = sumAlgorithm === undefined ? undefined : checksumHasher(sumAlgorithm);
  const sha256 =
    encoding.kind === "plain" && encoding.sha256 !== undefined ? createHash("sha256") : undefined;
  const md5 = createHash("md5");
  let size = 0;
  const take = async (chunk: Uint8Array): Promise<void> => {
    size += chunk.length;
    if (size > expectedSize) {
      throw incompleteBody();
    }
    md5.update(chunk);
    sha256?.update(chunk);
    sum?.update(chunk);
    await write(chunk);
  };

  let trailers: ReadonlyMap<string, string> = new Map();
  if (encoding.kind === "plain") {
    for await (const chunk of request.body) {
      await take(chunk);
    }
  } else {
    const signatures = encoding.signed ? new ChunkSignatures(context) : undefined;
    const decoded = decodeAwsChunked(request.body, { signatures, trailer: encoding.trailer });
    let next = await decoded.next();
    for (; next.done !== true; next = await decoded.next()) {
      await take(next.value);
    }
    trailers = next.value;
    checkTrailers(request, trailers);
  }

  if (size !== expectedSize) {
    throw incompleteBody();
  }
  if (encoding.kind === "plain" && encoding.sha256 !== sha256?.digest("hex")) {
    throw new S3Error(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const digest = md5.digest();
  checkMd5(request, digest);
  const expectedSum =
    declared === undefined
      ? undefined
      : (declared.value ?? trailers.get(`x-amz-checksum-${declared.algorithm.toLowerCase()}`));
  return { size, md5: digest, checksum: checkedSum(sum, expectedSum) };
}

/** The trailers that came must be those announced. */
function checkTrailers(request: S3Request, trailers: ReadonlyMap<string, string>): void {
  const announced = trailerNames(request);
  if (announced.length !== trailers.size || announced.some((name) => !trailers.has(name))) {
    throw malformedTrailer();
  }
}

function checkMd5(request: S3Request, md5: Buffer): void {
  const expected = request.headers.get("content-md5");
  if (expected === undefined) {
    return;
  }
  const bytes = Buffer.from(expected, "base64");
  if (bytes.length !== 16) {
    throw new S3Error("InvalidDigest", "The Content-MD5 you specified was invalid.");
  }
  if (!bytes.equals(md5)) {
    throw new S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
}

function checkedSum(sum: ChecksumHasher | undefined, expected: string | undefined): Checksum | undefined {
  if (sum === undefined) {
    return undefined;
  }
  const value = sum.digest();
  if (expected !== undefined && expected !== value) {
    throw new S3Error(
      "BadDigest",
      `The ${sum.algorithm} you specified did not match the calculated checksum.`,
    );
  }
  return { algorithm: sum.algorithm, value };
}
