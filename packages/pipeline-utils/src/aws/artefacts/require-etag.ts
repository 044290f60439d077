import { S3AccessError } from "../../errors.js";
import { unquoteEtag } from "../etag.js";

/** Whether a text can be the ETag of an object, without quotes: weak ones (`W/"…"`), as web servers give them, bind no read. */
export function isEtag(text: string): boolean {
  return text !== "" && !text.startsWith("W/");
}

/**
 * The ETag that a server tells of an object, without quotes; one that tells none is no server for this package, as reads are
 * bound to it.
 *
 * @throws {S3AccessError} Not retryable.
 */
export function requireEtag(etag: string | undefined, address: string): string {
  const told = unquoteEtag(etag ?? "");
  if (isEtag(told)) {
    return told;
  }
  throw new S3AccessError(
    `${address}: the server tells no ETag of it, so what is read later cannot be known to be this object: is that an S3 server?`,
    { retryable: false },
  );
}
