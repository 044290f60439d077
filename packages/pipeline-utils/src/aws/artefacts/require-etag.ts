import { S3AccessError } from "../../errors.js";
import { unquoteEtag } from "../etag.js";

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
  throw new S3AccessError(
    `${address}: the server gives no ETag for it, so later reads cannot be checked: is that an S3 server?`,
    { retryable: false },
  );
}
