import type { S3Request } from "../http/s3-request.js";
import { S3Error } from "../s3-error.js";
import type { ChecksumAlgorithm } from "../store/model.js";
import { checksumAlgorithm } from "./checksum-algorithm.js";

/** The checksum that a request says its body has. */
export interface DeclaredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; `undefined` if it follows the body, in the trailer. */
  readonly value: string | undefined;
}

const prefix = "x-amz-checksum-";
/** Headers that begin like a checksum and are none. */
const otherHeaders = new Set([`${prefix}algorithm`, `${prefix}mode`, `${prefix}type`]);

/** @throws {S3Error} InvalidRequest, NotImplemented. */
export function declaredChecksum(request: S3Request): DeclaredChecksum | undefined {
  const names = [...request.headers.keys()].filter(
    (name) => name.startsWith(prefix) && !otherHeaders.has(name),
  );
  const trailers = trailerNames(request).filter((name) => name.startsWith(prefix));
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
  return { algorithm: checksumAlgorithm(name.slice(prefix.length)), value: request.headers.get(name) };
}

/** The names that the body's trailer will have, as the request announces them. */
export function trailerNames(request: S3Request): readonly string[] {
  return (request.headers.get("x-amz-trailer") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
}
