import { createHash } from "node:crypto";

import { S3AccessError } from "../errors.js";

/** An ETag without the quotes in which listings and headers give it. */
export function unquoteEtag(etag: string): string {
  return etag.replace(/^"(.*)"$/, "$1");
}

/** Whether an ETag has the form of an MD5. Under SSE-KMS and SSE-C it has the form, and is no MD5. */
export function isMd5Etag(etag: string): boolean {
  return /^[0-9a-f]{32}$/.test(etag);
}

/** The number of parts that a multipart upload's ETag states; undefined for another ETag. */
export function partsOfEtag(etag: string): number | undefined {
  const parts = /^[0-9a-f]{32}-(\d{1,5})$/.exec(etag)?.[1];
  return parts === undefined ? undefined : Number(parts);
}

/**
 * The ETag of a multipart upload: the MD5 of its parts' binary MD5s one after the other, then `-` and their number.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
export function multipartEtag(partMd5s: readonly Uint8Array[]): string {
  const hash = createHash("md5");
  for (const md5 of partMd5s) {
    hash.update(md5);
  }
  return `${hash.digest("hex")}-${partMd5s.length}`;
}

/**
 * Whether a text can be an object's ETag, without quotes. Web servers give weak ETags (`W/"…"`), which cannot identify
 * the bytes.
 */
export function isEtag(text: string): boolean {
  return text !== "" && !text.startsWith("W/");
}

/**
 * Return an object's ETag without quotes. This package cannot use a server without ETags, because reads depend on them.
 *
 * @throws {S3AccessError} Not retryable.
 */
export function requireEtag(etag: string | undefined, address: string): string {
  const found = unquoteEtag(etag ?? "");
  if (isEtag(found)) {
    return found;
  }
  const fault =
    found === "" ? "no ETag for it" : `only a weak ETag for it (${found}), which many bytes can share`;
  throw new S3AccessError(
    `${address}: the server gives ${fault}, so later reads cannot be checked: is that an S3 server?`,
    { retryable: false },
  );
}
