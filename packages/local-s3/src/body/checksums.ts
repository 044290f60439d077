import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import type { Checksum, ChecksumAlgorithm } from "../store/records.js";
import { CHECKSUM_ALGORITHMS } from "../store/records.js";
import type { Xml } from "../xml/writer.js";
import { element } from "../xml/writer.js";

export interface ChecksumHasher {
  readonly algorithm: ChecksumAlgorithm;
  update(data: Uint8Array): void;
  /** Base64, as S3's headers carry it. */
  digest(): string;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
export function checksumHasher(algorithm: ChecksumAlgorithm): ChecksumHasher {
  switch (algorithm) {
    case "CRC32":
      return crcHasher(algorithm, crc32);
    case "CRC32C":
      return crcHasher(algorithm, crc32c);
    case "SHA1":
    case "SHA256": {
      const hash = createHash(algorithm.toLowerCase());
      return {
        algorithm,
        update: (data) => {
          hash.update(data);
        },
        digest: () => hash.digest("base64"),
      };
    }
  }
}

/** The checksum of a multipart object: that of its parts' concatenated checksums, `-`, and the number of parts. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly Checksum[]): Checksum {
  const hasher = checksumHasher(algorithm);
  for (const { value } of parts) {
    hasher.update(Buffer.from(value, "base64"));
  }
  return { algorithm, value: `${hasher.digest()}-${parts.length}` };
}

function crcHasher(
  algorithm: ChecksumAlgorithm,
  crc: (data: Uint8Array, previous: number) => number,
): ChecksumHasher {
  let value = 0;
  return {
    algorithm,
    update: (data) => {
      value = crc(data, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString("base64");
    },
  };
}

/**
 * Look up an algorithm.
 *
 * @param name - Its name in any case.
 * @throws {S3Error} NotImplemented for CRC64NVME and unknown names.
 */
export function checksumAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = CHECKSUM_ALGORITHMS.find((candidate) => candidate === name.toUpperCase());
  if (algorithm === undefined) {
    throw new S3Error(
      "NotImplemented",
      `The checksum algorithm ${name.slice(0, 40)} is not implemented by this server, only ${CHECKSUM_ALGORITHMS.join(", ")}`,
    );
  }
  return algorithm;
}

/** The checksum that a request declares for its body. */
interface DeclaredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; `undefined` if the trailer has the value. */
  readonly value: string | undefined;
}

const CHECKSUM_HEADER_PREFIX = "x-amz-checksum-";
/** Headers with the same prefix that hold no checksum. */
const OTHER_CHECKSUM_HEADERS = new Set([
  `${CHECKSUM_HEADER_PREFIX}algorithm`,
  `${CHECKSUM_HEADER_PREFIX}mode`,
  `${CHECKSUM_HEADER_PREFIX}type`,
]);

/** @throws {S3Error} InvalidRequest, NotImplemented. */
export function declaredChecksum(request: S3Request): DeclaredChecksum | undefined {
  const names = [...request.headers.keys()].filter(
    (name) => name.startsWith(CHECKSUM_HEADER_PREFIX) && !OTHER_CHECKSUM_HEADERS.has(name),
  );
  const trailers = trailerNames(request).filter((name) => name.startsWith(CHECKSUM_HEADER_PREFIX));
  const [name, second] = [...names, ...trailers];
  if (name === undefined) {
    return undefined;
  }
  if (second !== undefined) {
    throw new S3Error(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  return {
    algorithm: checksumAlgorithm(name.slice(CHECKSUM_HEADER_PREFIX.length)),
    value: request.headers.get(name),
  };
}

/** The names of the trailers that the request announces. */
export function trailerNames(request: S3Request): readonly string[] {
  return (request.headers.get("x-amz-trailer") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
}

/** Whether a checksum covers the parts' checksums instead of the bytes. */
function isComposite(checksum: Checksum): boolean {
  return checksum.value.includes("-");
}

export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (checksum === undefined) {
    return {};
  }
  return {
    [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`]: checksum.value,
    "x-amz-checksum-type": isComposite(checksum) ? "COMPOSITE" : "FULL_OBJECT",
  };
}

export function checksumElements(checksum: Checksum | undefined): readonly Xml[] {
  if (checksum === undefined) {
    return [];
  }
  return [
    element(`Checksum${checksum.algorithm}`, checksum.value),
    element("ChecksumType", isComposite(checksum) ? "COMPOSITE" : "FULL_OBJECT"),
  ];
}

/**
 * The Castagnoli polynomial, bits reversed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4
 */
const CRC32C_POLYNOMIAL = 0x82f63b78;

const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? CRC32C_POLYNOMIAL ^ (value >>> 1) : value >>> 1;
  }
  return value;
});

/** CRC32C of earlier data, whose CRC32C is `previous`, followed by `data`. Node's zlib has only CRC32. */
export function crc32c(data: Uint8Array, previous = 0): number {
  let crc = ~previous;
  for (const byte of data) {
    crc = (CRC32C_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
