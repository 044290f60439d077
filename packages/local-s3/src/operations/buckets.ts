import { receiveOptionalXml, receiveXml } from "../body/receiver.js";
import { invalidArgument, S3Error } from "../errors.js";
import { queryValue } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import { checkBucketName, DEFAULT_REGION } from "../store/bucket.js";
import type { Tags } from "../store/records.js";
import { VERSIONING_STATES } from "../store/records.js";
import type { XmlElement } from "../xml/parser.js";
import { child, childText, malformedXml } from "../xml/parser.js";
import { element, OWNER, s3Timestamp, xmlDocument } from "../xml/writer.js";
import { pageSize } from "./listing-parameters.js";
import type { OperationContext } from "./operation.js";
import { bucketTagsOfXml } from "./tags.js";

/** A region, or the old name `EU`. */
const REGION_PATTERN = /^[A-Za-z][A-Za-z0-9-]{1,39}$/;

/** The most buckets of a page. */
const MAX_BUCKETS = 10_000;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export async function listBuckets({ store, request }: OperationContext): Promise<S3Response> {
  const prefix = queryValue(request, "prefix") ?? "";
  const after = queryValue(request, "continuation-token") ?? "";
  const max = pageSize(request, "max-buckets", MAX_BUCKETS);
  if (max === 0) {
    throw invalidArgument(`max-buckets must be an integer from 1 to ${MAX_BUCKETS}`, "max-buckets", "0");
  }
  const wanted = queryValue(request, "bucket-region");
  const buckets = [...store.buckets.values()]
    .filter(({ name, region }) => name.startsWith(prefix) && name > after && region === (wanted ?? region))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = buckets.slice(0, max);
  const body = xmlDocument("ListAllMyBucketsResult", [
    element("Owner", OWNER),
    element(
      "Buckets",
      page.map(({ name, created, region }) =>
        element("Bucket", [
          element("Name", name),
          element("CreationDate", s3Timestamp(created)),
          element("BucketRegion", region),
        ]),
      ),
    ),
    element("ContinuationToken", buckets.length > page.length ? page.at(-1)?.name : undefined),
    element("Prefix", prefix === "" ? undefined : prefix),
  ]);
  return xmlResponse(body);
}

/**
 * As in us-east-1, creating a bucket that exists is not an error. The region is kept, and changes nothing: requests signed for any
 * region are answered.
 *
 * @throws {S3Error} MalformedXML. InvalidLocationConstraint: the body names no region. InvalidTag. NotImplemented: the body asks for anything else.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export async function createBucket({ store, request, signature }: OperationContext): Promise<S3Response> {
  const configuration = await receiveOptionalXml(request, signature, "CreateBucketConfiguration");
  const { region = DEFAULT_REGION, tags } =
    configuration === undefined ? {} : readConfiguration(configuration);
  const { bucket } = request;
  const fault = checkBucketName(bucket);
  if (fault !== undefined) {
    throw new S3Error("InvalidBucketName", `The specified bucket is not valid: ${fault}`, {
      details: { BucketName: bucket.slice(0, 100) },
    });
  }
  if (!store.buckets.has(bucket)) {
    store.commit({
      op: "create-bucket",
      bucket,
      created: Date.now(),
      ...(region !== DEFAULT_REGION && { region }),
      ...(tags && { tags }),
    });
  }
  return { status: 200, headers: { location: `/${bucket}` } };
}

function readConfiguration(configuration: XmlElement): { region: string; tags?: Tags } {
  const other = configuration.children.find(({ name }) => name !== "LocationConstraint" && name !== "Tags");
  if (other !== undefined) {
    throw new S3Error("NotImplemented", `A bucket's ${other.name} is not implemented by this server`);
  }
  const region = childText(configuration, "LocationConstraint") ?? DEFAULT_REGION;
  if (!REGION_PATTERN.test(region)) {
    throw new S3Error("InvalidLocationConstraint", "The specified location-constraint is not valid", {
      details: { LocationConstraint: region.slice(0, 40) },
    });
  }
  const tags = child(configuration, "Tags");
  return { region, ...(tags && { tags: bucketTagsOfXml(tags) }) };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export async function headBucket({ store, request }: OperationContext): Promise<S3Response> {
  const { region } = store.bucket(request.bucket);
  return { status: 200, headers: { "x-amz-bucket-region": region } };
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
  const { region } = store.bucket(request.bucket);
  // S3 leaves the element empty for us-east-1.
  return xmlResponse(xmlDocument("LocationConstraint", region === DEFAULT_REGION ? "" : region));
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
