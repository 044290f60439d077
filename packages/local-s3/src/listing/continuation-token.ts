import { invalidArgument } from "../invalid-argument.js";

/** Opaque to clients: where the last page ended. */
export function writeContinuationToken(last: string): string {
  return Buffer.from(`1:${last}`).toString("base64url");
}

/** @throws {S3Error} InvalidArgument. */
export function readContinuationToken(token: string): string {
  const bytes = Buffer.from(token, "base64url");
  const text = bytes.toString("utf8");
  if (!text.startsWith("1:") || bytes.toString("base64url") !== token) {
    throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
  }
  return text.slice(2);
}
