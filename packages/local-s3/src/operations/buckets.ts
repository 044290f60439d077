import { receiveBytes, receiveXml } from "../body/receiver.js";
import { S3Error } from "../errors.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import { checkBucketName } from "../store/bucket.js";
import { VERSIONING_STATES } from "../store/records.js";
import { childText, malformedXml } from "../xml/parser.js";
import { element, OWNER, s3Timestamp, xmlDocument } from "../xml/writer.js";
import type { OperationContext } from "./operation.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export async function listBuckets({ store }: OperationContext): Promise<S3Response> {
  const buckets = [...store.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const body = xmlDocument("ListAllMyBucketsResult", [
    element("Owner", OWNER),
    element(
      "Buckets",
      buckets.map(({ name, created }) =>
        element("Bucket", [element("Name", name), element("CreationDate", s3Timestamp(created))]),
      ),
    ),
  ]);
  return xmlResponse(body);
}

/**
 * As in us-east-1, creating a bucket that exists is not an error.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export async function createBucket({ store, request, signature }: OperationContext): Promise<S3Response> {
  // The body may name a region. It is ignored, because there is only one.
  await receiveBytes(request, signature);
  const { bucket } = request;
  const fault = checkBucketName(bucket);
  if (fault !== undefined) {
    throw new S3Error("InvalidBucketName", `The specified bucket is not valid: ${fault}`, {
      details: { BucketName: bucket.slice(0, 100) },
    });
  }
  if (!store.buckets.has(bucket)) {
    store.commit({ op: "create-bucket", bucket, created: Date.now() });
  }
  return { status: 200, headers: { location: `/${bucket}` } };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export async function headBucket({ store, request }: OperationContext): Promise<S3Response> {
  store.bucket(request.bucket);
  return { status: 200, headers: { "x-amz-bucket-region": "us-east-1" } };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html */
export async function deleteBucket({ store, request }: OperationContext): Promise<S3Response> {
  const bucket = store.bucket(request.bucket);
  if (bucket.versions.size > 0) {
    throw new S3Error("BucketNotEmpty", "The bucket you tried to delete is not empty", {
      details: { BucketName: bucket.name },
    });
  }
  for (const uploadId of bucket.uploads.keys()) {
    store.commit({ op: "abort-upload", bucket: bucket.name, uploadId });
  }
  store.commit({ op: "delete-bucket", bucket: bucket.name });
  return { status: 204 };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export async function getBucketLocation({ store, request }: OperationContext): Promise<S3Response> {
  store.bucket(request.bucket);
  // S3 leaves the element empty for us-east-1.
  return xmlResponse(xmlDocument("LocationConstraint", []));
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export async function getBucketVersioning({ store, request }: OperationContext): Promise<S3Response> {
  const { versioning } = store.bucket(request.bucket);
  return xmlResponse(xmlDocument("VersioningConfiguration", [element("Status", versioning)]));
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export async function putBucketVersioning({
  store,
  request,
  signature,
}: OperationContext): Promise<S3Response> {
  store.bucket(request.bucket);
  const document = await receiveXml(request, signature, "VersioningConfiguration");
  const status = childText(document, "Status");
  const versioning = VERSIONING_STATES.find((state) => state === status);
  if (versioning === undefined) {
    throw malformedXml();
  }
  const bucket = store.bucket(request.bucket);
  store.commit({ op: "set-versioning", bucket: bucket.name, versioning });
  return { status: 200 };
}
