import { S3Error } from "./errors.js";
import type { S3Request } from "./http/request.js";
import { abortMultipartUpload } from "./operations/abort-multipart-upload.js";
import { ATTRIBUTE_HEADERS } from "./operations/attributes.js";
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from "./operations/buckets.js";
import { completeMultipartUpload } from "./operations/complete-multipart-upload.js";
import { copyObject } from "./operations/copy-object.js";
import { createMultipartUpload } from "./operations/create-multipart-upload.js";
import { CUSTOMER_KEY_HEADERS } from "./operations/customer-key.js";
import { deleteObject } from "./operations/delete-object.js";
import { deleteObjects } from "./operations/delete-objects.js";
import { ATTRIBUTE_REQUEST_HEADERS, getObjectAttributes } from "./operations/get-object-attributes.js";
import { getObject, OVERRIDABLE_HEADERS } from "./operations/get-object.js";
import { listMultipartUploads } from "./operations/list-multipart-uploads.js";
import { listObjectVersions } from "./operations/list-object-versions.js";
import { listObjects, listObjectsV2 } from "./operations/list-objects.js";
import { listParts } from "./operations/list-parts.js";
import type { Operation } from "./operations/operation.js";
import { putObject } from "./operations/put-object.js";
import {
  deleteBucketTagging,
  deleteObjectTagging,
  getBucketTagging,
  getObjectTagging,
  putBucketTagging,
  putObjectTagging,
} from "./operations/tagging.js";
import { uploadPartCopy } from "./operations/upload-part-copy.js";
import { uploadPart } from "./operations/upload-part.js";
import { CHECKSUM_ALGORITHMS } from "./store/records.js";
import { OWNER_ID } from "./xml/writer.js";

/**
 * An operation, with the query parameters and `x-amz-*` headers that it knows beside those of every request. A header's name that ends
 * in a hyphen is the start of many.
 */
interface Endpoint {
  readonly operation: Operation;
  readonly query?: readonly string[];
  readonly headers?: readonly string[];
}

type Endpoints = Readonly<Record<string, Endpoint>>;

/** The SDK names its operation by `x-id`. */
const COMMON_QUERY = ["x-id"];
const COMMON_HEADERS = [
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-decoded-content-length",
  "x-amz-expected-bucket-owner",
  "x-amz-request-payer",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-security-token",
  "x-amz-trailer",
  "x-amz-user-agent",
];
/** Values with which a header or parameter of a feature that this server lacks requests nothing. */
const HARMLESS_VALUES: Readonly<Record<string, readonly string[]>> = {
  "x-amz-acl": ["private", "bucket-owner-full-control"],
  "x-amz-bucket-object-lock-enabled": ["false"],
  "x-amz-bypass-governance-retention": ["false"],
  "x-amz-object-ownership": ["BucketOwnerEnforced"],
};

const LISTING_QUERY = ["delimiter", "encoding-type", "prefix"];
const READ_QUERY = ["partNumber", "versionId", ...OVERRIDABLE_HEADERS.map((name) => `response-${name}`)];
const READ_HEADERS = ["x-amz-checksum-mode", ...CUSTOMER_KEY_HEADERS];
/** Headers of a new object. */
const OBJECT_HEADERS = [...ATTRIBUTE_HEADERS, ...CUSTOMER_KEY_HEADERS];
const COPY_SOURCE_HEADERS = [
  "x-amz-copy-source",
  "x-amz-copy-source-if-match",
  "x-amz-copy-source-if-modified-since",
  "x-amz-copy-source-if-none-match",
  "x-amz-copy-source-if-unmodified-since",
  ...CUSTOMER_KEY_HEADERS.map((name) => name.replace("x-amz-", "x-amz-copy-source-")),
  "x-amz-source-expected-bucket-owner",
];
const COPY_HEADERS = [
  ...COPY_SOURCE_HEADERS,
  ...OBJECT_HEADERS,
  "x-amz-checksum-algorithm",
  "x-amz-metadata-directive",
  "x-amz-tagging-directive",
];

/** By method, or by method, "?", and the query parameter that selects another operation. */
const BUCKET_ENDPOINTS: Endpoints = {
  GET: { operation: listObjects, query: [...LISTING_QUERY, "marker", "max-keys"] },
  "GET?list-type": {
    operation: listObjectsV2,
    query: [...LISTING_QUERY, "continuation-token", "fetch-owner", "max-keys", "start-after"],
  },
  "GET?location": { operation: getBucketLocation },
  "GET?tagging": { operation: getBucketTagging },
  "GET?uploads": {
    operation: listMultipartUploads,
    query: [...LISTING_QUERY, "key-marker", "max-uploads", "upload-id-marker"],
  },
  "GET?versioning": { operation: getBucketVersioning },
  "GET?versions": {
    operation: listObjectVersions,
    query: [...LISTING_QUERY, "key-marker", "max-keys", "version-id-marker"],
  },
  "POST?delete": { operation: deleteObjects },
  "PUT?tagging": { operation: putBucketTagging },
  "PUT?versioning": { operation: putBucketVersioning },
  DELETE: { operation: deleteBucket },
  "DELETE?tagging": { operation: deleteBucketTagging },
  HEAD: { operation: headBucket },
  PUT: { operation: createBucket },
};

const OBJECT_ENDPOINTS: Endpoints = {
  GET: { operation: getObject, query: READ_QUERY, headers: READ_HEADERS },
  "GET?attributes": {
    operation: getObjectAttributes,
    query: ["versionId"],
    headers: [...ATTRIBUTE_REQUEST_HEADERS, ...CUSTOMER_KEY_HEADERS],
  },
  "GET?tagging": { operation: getObjectTagging, query: ["versionId"] },
  "GET?uploadId": {
    operation: listParts,
    query: ["encoding-type", "max-parts", "part-number-marker"],
    headers: CUSTOMER_KEY_HEADERS,
  },
  HEAD: { operation: getObject, query: READ_QUERY, headers: READ_HEADERS },
  "POST?uploadId": {
    operation: completeMultipartUpload,
    headers: ["x-amz-checksum-type", "x-amz-mp-object-size", ...CUSTOMER_KEY_HEADERS],
  },
  "POST?uploads": {
    operation: createMultipartUpload,
    headers: [...OBJECT_HEADERS, "x-amz-checksum-algorithm", "x-amz-checksum-type"],
  },
  PUT: { operation: putObject, headers: OBJECT_HEADERS },
  "PUT?tagging": { operation: putObjectTagging, query: ["versionId"] },
  "PUT?uploadId": { operation: uploadPart, query: ["partNumber"], headers: CUSTOMER_KEY_HEADERS },
  DELETE: { operation: deleteObject, query: ["versionId"] },
  "DELETE?tagging": { operation: deleteObjectTagging, query: ["versionId"] },
  "DELETE?uploadId": { operation: abortMultipartUpload },
};

const LIST_BUCKETS: Endpoint = {
  operation: listBuckets,
  query: ["bucket-region", "continuation-token", "max-buckets", "prefix"],
};
const COPY_OBJECT: Endpoint = { operation: copyObject, headers: COPY_HEADERS };
const UPLOAD_PART_COPY: Endpoint = {
  operation: uploadPartCopy,
  query: ["partNumber"],
  headers: [...COPY_SOURCE_HEADERS, "x-amz-copy-source-range", ...CUSTOMER_KEY_HEADERS],
};

/**
 * Choose the operation of a request, by its method, path and query.
 *
 * A request with a parameter or an `x-amz-*` header that its operation does not know is rejected. Otherwise a request for a feature
 * that this server lacks would be taken for another operation: DeleteObjectAnnotation, for one, for DeleteObject.
 *
 * @throws {S3Error} NotImplemented, MethodNotAllowed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
export function route(request: S3Request): Operation {
  const [selector, endpoint] = endpointOf(request);
  const query = [...COMMON_QUERY, ...(endpoint.query ?? []), selector];
  const parameters = request.query.filter(
    ([name, value]) => !query.includes(name) && !isHarmless(name, value),
  );
  if (parameters.length > 0) {
    throw notImplemented(`?${parameters.map(([name]) => name).join("&")}`);
  }
  const headers = [...COMMON_HEADERS, ...(endpoint.headers ?? [])];
  for (const [name, value] of request.headers) {
    const isKnown = headers.some(
      (known) => name === known || (known.endsWith("-") && name.startsWith(known)),
    );
    if (name.startsWith("x-amz-") && !isKnown && !isChecksum(name) && !isHarmless(name, value)) {
      throw notImplemented(name);
    }
  }
  checkExpectedOwner(request);
  return endpoint.operation;
}

/** @throws {S3Error} AccessDenied: the client expects a bucket of somebody else. */
function checkExpectedOwner({ headers }: S3Request): void {
  for (const name of ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"]) {
    const owner = headers.get(name);
    if (owner !== undefined && owner !== OWNER_ID) {
      throw new S3Error(
        "AccessDenied",
        `Access Denied: ${name} is ${owner.slice(0, 40)}, expected ${OWNER_ID}`,
      );
    }
  }
}

/** The endpoint, and the query parameter that selected it, if one did. */
function endpointOf(request: S3Request): [selector: string, endpoint: Endpoint] {
  const { method } = request;
  if (request.bucket === "") {
    return request.key === "" && method === "GET" ? ["", LIST_BUCKETS] : methodNotAllowed(request, ["GET"]);
  }
  const endpoints = request.key === "" ? BUCKET_ENDPOINTS : OBJECT_ENDPOINTS;
  if (request.key !== "" && method === "PUT" && request.headers.has("x-amz-copy-source")) {
    const isPart = request.query.some(([name]) => name === "uploadId");
    return isPart ? ["uploadId", UPLOAD_PART_COPY] : ["", COPY_OBJECT];
  }
  const selector = request.query
    .map(([name]) => name)
    .find((name) => Object.hasOwn(endpoints, `${method}?${name}`));
  const name = selector === undefined ? method : `${method}?${selector}`;
  const endpoint = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
  if (endpoint !== undefined) {
    return [selector ?? "", endpoint];
  }
  if (request.query.length > 0) {
    throw notImplemented(`${method} with ?${request.query.map(([each]) => each).join("&")}`);
  }
  return methodNotAllowed(request, [
    ...new Set(Object.keys(endpoints).map((each) => each.replace(/\?.*/, ""))),
  ]);
}

/** Checksums of the body, which its receiver checks: `x-amz-checksum-sha256` and its like. */
function isChecksum(name: string): boolean {
  return CHECKSUM_ALGORITHMS.some((algorithm) => name === `x-amz-checksum-${algorithm.toLowerCase()}`);
}

function isHarmless(name: string, value: string): boolean {
  return Object.hasOwn(HARMLESS_VALUES, name) && (HARMLESS_VALUES[name]?.includes(value) ?? false);
}

function methodNotAllowed({ method }: S3Request, allowed: readonly string[]): never {
  throw new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", {
    details: { Method: method },
    headers: { allow: allowed.join(", ") },
  });
}

function notImplemented(name: string): S3Error {
  return new S3Error(
    "NotImplemented",
    `A header or parameter you provided implies functionality that is not implemented by this server: ${name}`,
  );
}
