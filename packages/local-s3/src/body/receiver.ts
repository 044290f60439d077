import { createHash } from "node:crypto";
import { ChunkSignatures } from "../auth/chunk-signatures.js";
import { UNSIGNED_PAYLOAD } from "../auth/presigned-url.js";
import type { SignatureContext } from "../auth/signature-v4.js";
import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import type { Checksum, ChecksumAlgorithm } from "../store/records.js";
import type { XmlElement } from "../xml/parser.js";
import { parseXml } from "../xml/parser.js";
import { decodeAwsChunked, incompleteBody, malformedTrailer } from "./aws-chunked.js";
import type { ChecksumHasher } from "./checksums.js";
import { badChecksum, checksumHasher, declaredChecksum, trailerNames } from "./checksums.js";

interface ReceivedBody {
  readonly size: number;
  readonly md5: Buffer;
  /** The checksum that the request declared, else one by `ReceiveOptions.algorithm`. */
  readonly checksum: Checksum | undefined;
}

interface ReceiveOptions {
  /** Largest accepted size of the decoded body, in bytes. */
  readonly limit: number;
  /** Compute this checksum if the request declares none. */
  readonly algorithm?: ChecksumAlgorithm | undefined;
  /** Whether the declared checksum is of the object, not of this body. Default: false. */
  readonly describesObject?: boolean;
}

/**
 * Read a body to its end, decode it, and check its length, SHA-256, MD5, checksum and chunk signatures.
 *
 * @param write - Gets the decoded bytes as they arrive. The caller must discard them if this function throws.
 * @throws {S3Error} BadDigest, XAmzContentSHA256Mismatch, IncompleteBody, EntityTooLarge, …
 */
export async function receiveBody(
  request: S3Request,
  context: SignatureContext,
  write: (chunk: Uint8Array) => Promise<void> | void,
  { limit, algorithm, describesObject = false }: ReceiveOptions,
): Promise<ReceivedBody> {
  const encoding = payloadEncoding(request);
  const expectedSize = contentLength(request, encoding);
  if (expectedSize > limit) {
    throw new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
      details: { ProposedSize: String(expectedSize), MaxSizeAllowed: String(limit) },
    });
  }
  const declared = describesObject ? undefined : declaredChecksum(request);
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

  const trailers = await readPayload(request, context, encoding, take);
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

/**
 * Pass the decoded bytes of a body on.
 *
 * @returns The trailers, which only `aws-chunked` has.
 */
async function readPayload(
  request: S3Request,
  context: SignatureContext,
  encoding: PayloadEncoding,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<ReadonlyMap<string, string>> {
  if (encoding.kind === "plain") {
    for await (const chunk of request.body) {
      await take(chunk);
    }
    return new Map();
  }
  const signatures = encoding.signed ? new ChunkSignatures(context) : undefined;
  const decoded = decodeAwsChunked(request.body, { signatures, trailer: encoding.trailer });
  let next = await decoded.next();
  for (; next.done !== true; next = await decoded.next()) {
    await take(next.value);
  }
  checkTrailers(request, next.value);
  return next.value;
}

/** The trailers must be exactly those that the request announced. */
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
    throw badChecksum(sum.algorithm);
  }
  return { algorithm: sum.algorithm, value };
}

/** Enough for 1,000 keys of 1,024 bytes, with every byte written as an entity. */
const MAX_XML_BYTES = 8 * 1024 * 1024;

/** Read a small body into memory. */
export async function receiveBytes(
  request: S3Request,
  context: SignatureContext,
  options: Pick<ReceiveOptions, "describesObject"> = {},
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const write = (chunk: Uint8Array): void => {
    chunks.push(Buffer.from(chunk));
  };
  try {
    await receiveBody(request, context, write, { limit: MAX_XML_BYTES, ...options });
  } catch (error) {
    throw error instanceof S3Error && error.code === "EntityTooLarge"
      ? new S3Error(
          "MaxMessageLengthExceeded",
          `Your request was too big: at most ${MAX_XML_BYTES} bytes are accepted`,
        )
      : error;
  }
  return Buffer.concat(chunks);
}

/**
 * Read a body that is one XML document.
 *
 * @param root - Expected name of the root element.
 * @throws {S3Error} MalformedXML, MissingRequestBodyError, MaxMessageLengthExceeded, and what `receiveBody` throws.
 */
export async function receiveXml(
  request: S3Request,
  context: SignatureContext,
  root: string,
  options: Pick<ReceiveOptions, "describesObject"> = {},
): Promise<XmlElement> {
  const document = await receiveOptionalXml(request, context, root, options);
  if (document === undefined) {
    throw new S3Error("MissingRequestBodyError", "Request Body is empty");
  }
  return document;
}

/** The same for a body that may be empty: `undefined` then. */
export async function receiveOptionalXml(
  request: S3Request,
  context: SignatureContext,
  root: string,
  options: Pick<ReceiveOptions, "describesObject"> = {},
): Promise<XmlElement | undefined> {
  const bytes = await receiveBytes(request, context, options);
  if (bytes.length === 0) {
    return undefined;
  }
  const document = parseXml(bytes);
  if (document.name !== root) {
    throw new S3Error(
      "MalformedXML",
      `The XML you provided has the root element ${document.name}, expected ${root}`,
    );
  }
  return document;
}

/** Encoding of the body, from the header `x-amz-content-sha256`. */
type PayloadEncoding =
  | {
      readonly kind: "plain";
      /** Hexadecimal; `undefined` if the payload is unsigned. */
      readonly sha256: string | undefined;
    }
  | { readonly kind: "aws-chunked"; readonly signed: boolean; readonly trailer: boolean };

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
const PAYLOAD_ENCODINGS: Readonly<Record<string, PayloadEncoding>> = {
  [UNSIGNED_PAYLOAD]: { kind: "plain", sha256: undefined },
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER": { kind: "aws-chunked", signed: false, trailer: true },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": { kind: "aws-chunked", signed: true, trailer: false },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": { kind: "aws-chunked", signed: true, trailer: true },
};

/** @throws {S3Error} InvalidArgument. */
function payloadEncoding(request: S3Request): PayloadEncoding {
  const value = request.headers.get("x-amz-content-sha256") ?? "";
  if (/^[0-9a-f]{64}$/.test(value)) {
    return { kind: "plain", sha256: value };
  }
  const encoding = Object.hasOwn(PAYLOAD_ENCODINGS, value) ? PAYLOAD_ENCODINGS[value] : undefined;
  if (encoding === undefined) {
    throw new S3Error(
      "InvalidArgument",
      `x-amz-content-sha256 must be ${Object.keys(PAYLOAD_ENCODINGS).join(", ")}, or a valid sha256 value.`,
      { details: { ArgumentName: "x-amz-content-sha256", ArgumentValue: value.slice(0, 100) } },
    );
  }
  return encoding;
}

/**
 * Size of the decoded body in bytes, which S3 requires in a header.
 *
 * @throws {S3Error} MissingContentLength, InvalidArgument.
 */
function contentLength(request: S3Request, encoding: PayloadEncoding): number {
  const name = encoding.kind === "plain" ? "content-length" : "x-amz-decoded-content-length";
  const value = request.headers.get(name);
  if (value === undefined) {
    throw new S3Error("MissingContentLength", `You must provide the Content-Length HTTP header. (${name})`);
  }
  if (!/^\d{1,15}$/.test(value)) {
    throw new S3Error("InvalidArgument", `${name} is "${value.slice(0, 40)}", expected a number of bytes`);
  }
  return Number(value);
}
