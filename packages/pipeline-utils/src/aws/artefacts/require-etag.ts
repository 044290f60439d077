import { S3AccessError } from "../../errors.js";
import { unquoteEtag } from "../etag.js";

/**
 * The ETag that a server tells of an object, without quotes; one that tells none is no server for this package, as reads are
 * bound to it.
 *
 * @throws {S3AccessError} Not retryable.
 */
export function requireEtag(etag: string | undefined, address: string): string {
  const told = unquoteEtag(etag ?? "");
  if (told !== "") return told;
  throw new S3AccessError(
    `${address}: the server tells no ETag of it, so what is read later cannot be known to be this object: is that an S3 server?`,
    { retryable: false },
  );
}
