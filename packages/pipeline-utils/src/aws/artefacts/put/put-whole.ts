import { createHash } from "node:crypto";

import { headObject, SHA256_METADATA, WRITE_ID_METADATA } from "../metadata.js";
import { addressOf } from "../location.js";
import { isEtag, requireEtag } from "../../etag.js";
import { isAws } from "../call-s3.js";
import { rejectIfTaken } from "./check-writable.js";
import { createOnce } from "./create-once.js";
import type { ContentHashes } from "./unchanged.js";
import type { Write, Written } from "./write.js";
import sdk from "../../s3-sdk.cjs";

/**
 * Write an object in one request. The server checks the bytes by their MD5.
 *
 * @param isWanted - Called before anything is written.
 * @returns undefined if `isWanted` returned false.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export async function putWhole(
  write: Write,
  bytes: Uint8Array,
  isWanted: (hashes: ContentHashes) => Promise<boolean>,
): Promise<Written | undefined> {
  const { client, bucket, key, overwrite, writeId, onProgress } = write;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const md5 = createHash("md5").update(bytes).digest();
  if (!(await isWanted({ etag: md5.toString("hex"), sha256 }))) {
    return undefined;
  }
  // The server may ignore If-None-Match. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
  if (!isAws(client)) {
    await rejectIfTaken({ ...write, skipUnchanged: false });
  }
  const written = await createOnce(write, (options) =>
    client.send(
      new sdk.PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: bytes,
        ContentLength: bytes.length,
        ContentMD5: md5.toString("base64"),
        Metadata: { [SHA256_METADATA]: sha256, [WRITE_ID_METADATA]: writeId },
        ...(overwrite ? {} : { IfNoneMatch: "*" }),
      }),
      options,
    ),
  );
  const confirmed = isEtag(written.etag) ? written : await confirmStored(write);
  onProgress({ bytesDone: bytes.length, bytesTotal: bytes.length });
  return confirmed;
}

/**
 * Ask the server for an object that it claims to have stored without giving an ETag.
 *
 * Every S3 server gives the ETag of a PUT. A server that does not may be a web server, which accepts everything and
 * stores nothing.
 *
 * @throws {S3AccessError} The server does not return the object or its ETag.
 */
async function confirmStored({ client, bucket, key, writeId, signal }: Write): Promise<Written> {
  const head = await headObject(client, bucket, key, { signal });
  const own = head?.Metadata?.[WRITE_ID_METADATA] === writeId ? head : undefined;
  return { etag: requireEtag(own?.ETag, addressOf(bucket, key)), versionId: own?.VersionId };
}
