import { createHash } from "node:crypto";
import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import type { Checksum, ChecksumAlgorithm } from "../store/records.js";
import { CHECKSUM_ALGORITHMS } from "../store/records.js";
import type { Xml } from "../xml/writer.js";
import { element } from "../xml/writer.js";
import { combineCrcs, createCrc, CRC_ALGORITHMS } from "./crc.js";
import type { CrcAlgorithm } from "./crc.js";

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
    case "CRC32C":
    case "CRC64NVME": {
      const crc = createCrc(algorithm);
      return {
        algorithm,
        update: (data) => {
          crc.update(data);
        },
        digest: () => crc.digest().toString("base64"),
      };
    }
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

/** Whether the checksum of a multipart object covers its bytes, or its parts' checksums. */
export const CHECKSUM_TYPES = ["FULL_OBJECT", "COMPOSITE"] as const;
export type ChecksumType = (typeof CHECKSUM_TYPES)[number];

/**
 * Choose the type of an upload's checksum.
 *
 * @param wanted - As the request names it. Default: S3's, FULL_OBJECT for CRC64NVME, COMPOSITE for the others.
 * @throws {S3Error} InvalidRequest: the algorithm does not have that type.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function checksumType(algorithm: ChecksumAlgorithm, wanted: string | undefined): ChecksumType {
  const byDefault = algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE";
  const type =
    wanted === undefined ? byDefault : CHECKSUM_TYPES.find((name) => name === wanted.toUpperCase());
  const isPossible = type === "COMPOSITE" ? algorithm !== "CRC64NVME" : isCrc(algorithm);
  if (type === undefined || !isPossible) {
    throw new S3Error(
      "InvalidRequest",
      `The ${(wanted ?? "").slice(0, 20)} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return type;
}

function isCrc(algorithm: ChecksumAlgorithm): algorithm is CrcAlgorithm {
  return CRC_ALGORITHMS.some((crc) => crc === algorithm);
}

/** The checksum of a multipart object's bytes, from those of its parts. Only CRCs can be combined. */
export function fullObjectChecksum(
  algorithm: ChecksumAlgorithm,
  parts: readonly { readonly size: number; readonly checksum?: Checksum }[],
): Checksum | undefined {
  if (!isCrc(algorithm)) {
    return undefined;
  }
  const crcs = parts.map(({ size, checksum }) => ({
    size,
    crc: Buffer.from(checksum?.value ?? "", "base64"),
  }));
  return { algorithm, value: combineCrcs(algorithm, crcs).toString("base64") };
}

/** The checksum of a multipart object: that of its parts' concatenated checksums, `-`, and the number of parts. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly Checksum[]): Checksum {
  const hasher = checksumHasher(algorithm);
  for (const { value } of parts) {
    hasher.update(Buffer.from(value, "base64"));
  }
  return { algorithm, value: `${hasher.digest()}-${parts.length}` };
}

/**
 * Look up an algorithm.
 *
 * @param name - Its name in any case.
 * @throws {S3Error} NotImplemented for unknown names.
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

/** The error of a checksum that is not that of the bytes. */
export function badChecksum(algorithm: ChecksumAlgorithm): S3Error {
  return new S3Error("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
}

/** The names of the trailers that the request announces. */
export function trailerNames(request: S3Request): readonly string[] {
  return (request.headers.get("x-amz-trailer") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
}

/** A composite checksum ends in its number of parts. */
export function checksumTypeOf({ value }: Checksum): ChecksumType {
  return value.includes("-") ? "COMPOSITE" : "FULL_OBJECT";
}

export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (checksum === undefined) {
    return {};
  }
  return {
    [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`]: checksum.value,
    "x-amz-checksum-type": checksumTypeOf(checksum),
  };
}

export function checksumElements(checksum: Checksum | undefined): readonly Xml[] {
  if (checksum === undefined) {
    return [];
  }
  return [
    element(`Checksum${checksum.algorithm}`, checksum.value),
    element("ChecksumType", checksumTypeOf(checksum)),
  ];
}
