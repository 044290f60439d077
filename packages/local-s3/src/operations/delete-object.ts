import type { S3Response } from "../http/response.js";
import type { DeleteMarker } from "../store/records.js";
import type { Store } from "../store/store.js";
import { checkWriteConditions } from "./conditions.js";
import type { OperationContext } from "./operation.js";
import { newVersionBase, requestedVersionId, versionHeader } from "./versions.js";

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

interface Deleted {
  /** Whether a delete marker was added or removed. */
  readonly deleteMarker: boolean;
  /** Identifier of the added marker or the removed version, if the bucket has versions. */
  readonly versionId: string | undefined;
}

/** Remove a version. Without a version id, remove the object or, in a bucket with versions, add a delete marker. */
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
  const removedId = versionId ?? "null";
  const version = bucket.versions.get(key)?.find((candidate) => candidate.versionId === removedId);
  if (version !== undefined) {
    store.commit({ op: "remove-version", bucket: bucketName, key, versionId: removedId });
  }
  return {
    deleteMarker: version?.kind === "delete-marker",
    versionId: versionHeader(bucket, removedId)["x-amz-version-id"],
  };
}
