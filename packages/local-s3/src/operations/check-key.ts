import { S3Error } from "../s3-error.js";
import { maxKeyBytes } from "./limits.js";

/** @throws {S3Error} KeyTooLongError. */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > maxKeyBytes) {
    throw new S3Error("KeyTooLongError", "Your key is too long", {
      details: { Size: String(size), MaxSizeAllowed: String(maxKeyBytes) },
    });
  }
}
