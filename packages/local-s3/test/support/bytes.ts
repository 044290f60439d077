import { createHash } from "node:crypto";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";

/** Pseudo-random bytes, the same for a seed in every run. */
export function someBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function digest(algorithm: "md5" | "sha1" | "sha256", bytes: Uint8Array | string): string {
  return createHash(algorithm)
    .update(bytes)
    .digest(algorithm === "md5" ? "hex" : "base64");
}

/** The ETag in headers and listings: MD5 in quotes. */
export function etagOf(bytes: Uint8Array | string): string {
  return `"${digest("md5", bytes)}"`;
}

/** The ETag of a multipart upload in parts of that size. */
export function multipartEtagOf(bytes: Uint8Array, partSize: number): string {
  const hash = createHash("md5");
  let parts = 0;
  for (let start = 0; start < bytes.length; start += partSize) {
    hash.update(
      createHash("md5")
        .update(bytes.subarray(start, start + partSize))
        .digest(),
    );
    parts++;
  }
  return `"${hash.digest("hex")}-${parts}"`;
}

export async function bodyOf({ Body }: GetObjectCommandOutput): Promise<Buffer> {
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}
