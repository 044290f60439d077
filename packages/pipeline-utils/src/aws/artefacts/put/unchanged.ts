import { unquoteEtag } from "../../etag.js";
import { SHA256_METADATA, headObject } from "../metadata.js";
import { s3Lister } from "../lister.js";
import { S3TimestampedArtefact } from "../artefact.js";
import { findLatestObject } from "../search/find-latest-object.js";
import { parseTimestampedKey } from "../../timestamped-key.js";
import type { Write } from "./write.js";

/** Hashes of the bytes to be written, as far as they are known. */
export interface ContentHashes {
  /** As S3 would compute it; undefined before a multipart upload. */
  readonly etag: string | undefined;
  readonly sha256: string | undefined;
}

/**
 * Find the latest artefact with the name and format of the write, if its content is the same.
 *
 * @returns undefined if the content differs, or there is no such artefact.
 */
export async function findUnchanged(
  { client, bucket, key, signal }: Write,
  hashes: ContentHashes,
): Promise<S3TimestampedArtefact | undefined> {
  const parsed = parseTimestampedKey(key);
  if (parsed === undefined) {
    return undefined;
  }
  const latest = await findLatestObject(s3Lister(client, bucket, signal), {
    folder: key.slice(0, key.lastIndexOf("/") + 1),
    fileFormat: parsed.fileFormat,
    filenamePrefix: parsed.namePrefix.replace(/[_\-. ]$/, ""),
    recursive: false,
  });
  if (latest === undefined) {
    return undefined;
  }
  const head = await headObject(client, bucket, latest.key, { signal });
  // The object was deleted or replaced after the listing.
  if (head === undefined || unquoteEtag(head.ETag ?? "") !== latest.etag) {
    return undefined;
  }
  const sha256 = head.Metadata?.[SHA256_METADATA];
  // Prefer the sha256, which depends on the content alone. An ETag also depends on part size and encryption.
  const areBothKnown = sha256 !== undefined && hashes.sha256 !== undefined;
  if (areBothKnown ? sha256 !== hashes.sha256 : latest.etag !== hashes.etag) {
    return undefined;
  }
  return new S3TimestampedArtefact(
    { bucket, key: latest.key, etag: latest.etag, versionId: head.VersionId },
    client,
  );
}
