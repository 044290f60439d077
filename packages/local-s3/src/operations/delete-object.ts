import type { S3Response } from "../http/s3-response.js";
import type { DeleteMarker } from "../store/model.js";
import type { Store } from "../store/store.js";
import { checkWriteConditions } from "./conditions.js";
import { newVersionBase, versionHeader } from "./new-version.js";
import type { OperationContext } from "./operation.js";
import { requestedVersionId } from "./version-id.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export async function deleteObject({ store, request }: OperationContext): Promise<S3Response> {
  const { bucket, key } = request;
  if (request.headers.has("if-match")) {
    checkWriteConditions(request, key, store.bucket(bucket).current(key));
  }
  const deleted = deleteVersion(store, bucket, key, requestedVersionId(request));
  return {
    status: 204,
    headers: {
      ...(deleted.deleteMarker ? { "x-amz-delete-marker": "true" } : {}),
      ...(deleted.versionId === undefined ? {} : { "x-amz-version-id": deleted.versionId }),
    },
  };
}

export interface Deleted {
  /** Whether a delete marker was made, or was what was removed. */
  readonly deleteMarker: boolean;
  /** Of what was made or removed, where the bucket has versions. */
  readonly versionId: string | undefined;
}

/** Remove a version; without one, remove the object or, where versions are kept, hide it under a delete marker. */
export function deleteVersion(
  store: Store,
  bucketName: string,
  key: string,
  versionId: string | undefined,
): Deleted {
  const bucket = store.bucket(bucketName);
  if (versionId === undefined && bucket.versioning !== undefined) {
    const marker: DeleteMarker = { kind: "delete-marker", ...newVersionBase(store, bucket) };
    store.commit({ op: "put-version", bucket: bucketName, key, version: marker });
    return { deleteMarker: true, versionId: marker.versionId };
  }
  const doomed = versionId ?? "null";
  const version = bucket.versions.get(key)?.find((candidate) => candidate.versionId === doomed);
  if (version !== undefined) {
    store.commit({ op: "remove-version", bucket: bucketName, key, versionId: doomed });
  }
  return {
    deleteMarker: version?.kind === "delete-marker",
    versionId: versionHeader(bucket, doomed)["x-amz-version-id"],
  };
}
