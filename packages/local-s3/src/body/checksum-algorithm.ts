import { S3Error } from "../s3-error.js";
import { type ChecksumAlgorithm, checksumAlgorithms } from "../store/model.js";

/**
 * @param name - Of an algorithm, in any case.
 * @throws {S3Error} NotImplemented, for CRC64NVME and whatever else.
 */
export function checksumAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((candidate) => candidate === name.toUpperCase());
  if (algorithm === undefined) {
    throw new S3Error(
      "NotImplemented",
      `The checksum algorithm ${name.slice(0, 40)} is not implemented by this server, only ${checksumAlgorithms.join(", ")}`,
    );
  }
  return algorithm;
}
