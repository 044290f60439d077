import { receiveBody } from "../body/receive-body.js";
import { S3Error } from "../s3-error.js";
import { xmlResponse, type S3Response } from "../server/s3-response.js";
import type { ObjectVersion } from "../store/model.js";
import { readAttributes } from "./attributes.js";
import { checksumHeaders } from "./checksum-headers.js";
import { checkWriteConditions } from "./conditions.js";
import { newVersionBase, versionHeader } from "./new-version.js";
import type { OperationContext } from "./operation.js";

/** S3's limit on one PUT, of an object or of a part: 5 GiB. */
export const maxPutBytes = 5 * 1024 ** 3;
/** S3's limit on a key, in UTF-8. */
const maxKeyBytes = 1024;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject({ store, request, signature }: OperationContext): Promise<S3Response> {
  const { key } = request;
  checkKey(key);
  const attributes = readAttributes(request);
  // Before the body, so that a client that waits for "100 Continue" need not send it.
  checkWriteConditions(request, key, store.bucket(request.bucket).current(key));
  const { blobs, result } = await store.blobs.write((write) =>
    receiveBody(request, signature, write, { limit: maxPutBytes }),
  );
  try {
    const bucket = store.bucket(request.bucket);
    checkWriteConditions(request, key, bucket.current(key));
    const version: ObjectVersion = {
      kind: "object",
      ...newVersionBase(store, bucket),
      size: result.size,
      etag: result.md5.toString("hex"),
      blobs,
      multipart: false,
      ...(result.checksum === undefined ? {} : { checksum: result.checksum }),
      ...attributes,
    };
    store.commit({ op: "put-version", bucket: bucket.name, key, version });
    return xmlResponse("", {
      etag: `"${version.etag}"`,
      ...checksumHeaders(version.checksum),
      ...versionHeader(bucket, version.versionId),
    });
  } catch (error) {
    store.blobs.remove(blobs);
    throw error;
  }
}

/** @throws {S3Error} KeyTooLongError. */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > maxKeyBytes) {
    throw new S3Error("KeyTooLongError", "Your key is too long", {
      details: { Size: String(size), MaxSizeAllowed: String(maxKeyBytes) },
    });
  }
}
