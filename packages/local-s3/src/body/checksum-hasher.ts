import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Checksum, ChecksumAlgorithm } from "../store/model.js";
import { crc32c } from "./crc32c.js";

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

/** The checksum of a multipart object: that of its parts' checksums laid end to end, and their number. */
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
