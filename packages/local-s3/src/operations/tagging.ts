import { receiveXml } from "../body/receiver.js";
import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import type { Bucket } from "../store/bucket.js";
import type { ObjectVersion, Tags } from "../store/records.js";
import type { Store } from "../store/store.js";
import { child } from "../xml/parser.js";
import { xmlDocument } from "../xml/writer.js";
import type { OperationContext } from "./operation.js";
import { bucketTagsOfXml, objectTagsOfXml, tagSetElement } from "./tags.js";
import { findVersion, requestedVersionId, versionHeader } from "./versions.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html */
export async function getObjectTagging({ store, request }: OperationContext): Promise<S3Response> {
  const { bucket, version } = findTagged(store, request);
  return taggingResponse(version.tags ?? {}, versionHeader(bucket, version.versionId));
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
export async function putObjectTagging({ store, request, signature }: OperationContext): Promise<S3Response> {
  const document = await receiveXml(request, signature, "Tagging");
  return { status: 200, headers: setTags(store, request, objectTagsOfXml(document)) };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html */
export async function deleteObjectTagging({ store, request }: OperationContext): Promise<S3Response> {
  return { status: 204, headers: setTags(store, request, {}) };
}

/**
 * A bucket without tags has no tag set, and S3 tells so by an error.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html
 */
export async function getBucketTagging({ store, request }: OperationContext): Promise<S3Response> {
  const { name, tags } = store.bucket(request.bucket);
  if (Object.keys(tags).length === 0) {
    throw new S3Error("NoSuchTagSet", "The TagSet does not exist", { details: { BucketName: name } });
  }
  return taggingResponse(tags);
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html */
export async function putBucketTagging({ store, request, signature }: OperationContext): Promise<S3Response> {
  const document = await receiveXml(request, signature, "Tagging");
  const tags = bucketTagsOfXml(child(document, "TagSet"));
  store.commit({ op: "set-bucket-tags", bucket: store.bucket(request.bucket).name, tags });
  return { status: 204 };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html */
export async function deleteBucketTagging({ store, request }: OperationContext): Promise<S3Response> {
  store.commit({ op: "set-bucket-tags", bucket: store.bucket(request.bucket).name, tags: {} });
  return { status: 204 };
}

function taggingResponse(tags: Tags, headers: Record<string, string> = {}): S3Response {
  return xmlResponse(xmlDocument("Tagging", [tagSetElement(tags)]), headers);
}

function findTagged(store: Store, request: S3Request): { bucket: Bucket; version: ObjectVersion } {
  const bucket = store.bucket(request.bucket);
  return { bucket, version: findVersion(bucket, request.key, requestedVersionId(request)) };
}

/** @returns The response header with the version that got the tags. */
function setTags(store: Store, request: S3Request, tags: Tags): Record<string, string> {
  const { bucket, version } = findTagged(store, request);
  const { versionId } = version;
  store.commit({ op: "set-tags", bucket: bucket.name, key: request.key, versionId, tags });
  return versionHeader(bucket, versionId);
}
