import { receiveBytes } from "../body/receive-xml.js";
import { type S3Response, xmlResponse } from "../http/s3-response.js";
import { S3Error } from "../s3-error.js";
import { checkBucketName } from "../store/bucket-name.js";
import { element, xmlDocument } from "../xml/write-xml.js";
import type { OperationContext } from "./operation.js";
import { owner } from "./owner.js";
import { s3Timestamp } from "./timestamp.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export async function listBuckets({ store }: OperationContext): Promise<S3Response> {
  const buckets = [...store.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const body = xmlDocument("ListAllMyBucketsResult", [
    element("Owner", owner),
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
 * As in us-east-1, creating a bucket that is there already is no error.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export async function createBucket({ store, request, signature }: OperationContext): Promise<S3Response> {
  // The body may name a region; there is one only.
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
  // us-east-1 is the region that S3 leaves out.
  return xmlResponse(xmlDocument("LocationConstraint", []));
}
