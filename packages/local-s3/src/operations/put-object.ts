import { checksumHeaders } from "../body/checksums.js";
import { receiveBody } from "../body/receiver.js";
import type { S3Response } from "../http/response.js";
import type { ObjectVersion } from "../store/records.js";
import { encryptionHeaders, readAttributes } from "./attributes.js";
import { checkWriteConditions } from "./conditions.js";
import type { OperationContext } from "./operation.js";
import { checkKey, MAX_PUT_BYTES } from "./operation.js";
import { newVersionBase, versionHeader } from "./versions.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject({ store, request, signature }: OperationContext): Promise<S3Response> {
  const { key } = request;
  checkKey(key);
  const attributes = readAttributes(request);
  // Checked before the body too, so that a client that waits for "100 Continue" need not send it.
  checkWriteConditions(request, key, store.bucket(request.bucket).current(key));
  const { blobs, result } = await store.blobs.write((write) =>
    receiveBody(request, signature, write, { limit: MAX_PUT_BYTES }),
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
    return {
      status: 200,
      headers: {
        etag: `"${version.etag}"`,
        ...checksumHeaders(version.checksum),
        ...encryptionHeaders(version),
        ...versionHeader(bucket, version.versionId),
      },
    };
  } catch (error) {
    store.blobs.remove(blobs);
    throw error;
  }
}
