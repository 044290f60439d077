import { S3Error } from "./errors.js";
import type { S3Request } from "./http/request.js";
import { queryValue } from "./http/request.js";
import { abortMultipartUpload } from "./operations/abort-multipart-upload.js";
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
import { deleteObject } from "./operations/delete-object.js";
import { deleteObjects } from "./operations/delete-objects.js";
import { getObject } from "./operations/get-object.js";
import { listMultipartUploads } from "./operations/list-multipart-uploads.js";
import { listObjectVersions } from "./operations/list-object-versions.js";
import { listObjects, listObjectsV2 } from "./operations/list-objects.js";
import { listParts } from "./operations/list-parts.js";
import type { Operation } from "./operations/operation.js";
import { putObject } from "./operations/put-object.js";
import { uploadPart } from "./operations/upload-part.js";

type Operations = Readonly<Record<string, Operation>>;

/** By method, or by method, "?", and the query parameter that selects another operation. */
const BUCKET_OPERATIONS: Operations = {
  GET: listObjects,
  "GET?list-type": listObjectsV2,
  "GET?location": getBucketLocation,
  "GET?uploads": listMultipartUploads,
  "GET?versioning": getBucketVersioning,
  "GET?versions": listObjectVersions,
  "POST?delete": deleteObjects,
  "PUT?versioning": putBucketVersioning,
  DELETE: deleteBucket,
  HEAD: headBucket,
  PUT: createBucket,
};

const OBJECT_OPERATIONS: Operations = {
  GET: getObject,
  "GET?uploadId": listParts,
  HEAD: getObject,
  "POST?uploadId": completeMultipartUpload,
  "POST?uploads": createMultipartUpload,
  PUT: putObject,
  "PUT?uploadId": uploadPart,
  DELETE: deleteObject,
  "DELETE?uploadId": abortMultipartUpload,
};

/**
 * Choose the operation of a request, by its method, path and query.
 *
 * @throws {S3Error} NotImplemented, MethodNotAllowed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
export function route(request: S3Request): Operation {
  const { method } = request;
  if (request.bucket === "") {
    return request.key === "" && method === "GET" ? listBuckets : methodNotAllowed(request, ["GET"]);
  }
  rejectUnimplemented(request);
  const operations = request.key === "" ? BUCKET_OPERATIONS : OBJECT_OPERATIONS;
  if (request.key !== "" && method === "PUT" && request.headers.has("x-amz-copy-source")) {
    if (queryValue(request, "uploadId") !== undefined) {
      throw new S3Error("NotImplemented", "UploadPartCopy is not implemented by this server");
    }
    return copyObject;
  }
  const qualified = request.query
    .map(([name]) => operationOf(operations, `${method}?${name}`))
    .find((operation) => operation !== undefined);
  return (
    qualified ??
    operationOf(operations, method) ??
    methodNotAllowed(request, [...new Set(Object.keys(operations).map((name) => name.replace(/\?.*/, "")))])
  );
}

function operationOf(operations: Operations, name: string): Operation | undefined {
  return Object.hasOwn(operations, name) ? operations[name] : undefined;
}

function methodNotAllowed({ method }: S3Request, allowed: readonly string[]): never {
  throw new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", {
    details: { Method: method },
    headers: { allow: allowed.join(", ") },
  });
}

/** Query parameters of S3 features that this server does not implement. */
const UNIMPLEMENTED_SUBRESOURCES = new Set([
  "accelerate",
  "acl",
  "analytics",
  "attributes",
  "append",
  "cors",
  "encryption",
  "intelligent-tiering",
  "inventory",
  "legal-hold",
  "lifecycle",
  "logging",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "policy",
  "policyStatus",
  "publicAccessBlock",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "tagging",
  "torrent",
  "website",
]);

/** Headers of S3 features that this server does not implement, and the values with which they request nothing. */
const UNIMPLEMENTED_HEADERS: readonly (readonly [prefix: string, harmless: readonly string[]])[] = [
  ["x-amz-acl", ["private", "bucket-owner-full-control"]],
  ["x-amz-bucket-object-lock-enabled", ["false"]],
  ["x-amz-copy-source-server-side-encryption", []],
  ["x-amz-grant-", []],
  ["x-amz-if-match-", []],
  ["x-amz-object-lock-", []],
  ["x-amz-server-side-encryption", []],
  ["x-amz-storage-class", ["STANDARD"]],
  ["x-amz-tagging", ["", "COPY"]],
  ["x-amz-website-redirect-location", []],
  ["x-amz-write-offset-bytes", []],
];

/**
 * Reject requests for features that are not implemented. Ignoring one could store an object that is not encrypted.
 *
 * @throws {S3Error} NotImplemented, naming the parameter or header.
 */
function rejectUnimplemented(request: S3Request): void {
  for (const [name] of request.query) {
    if (UNIMPLEMENTED_SUBRESOURCES.has(name)) {
      throw notImplemented(`?${name}`);
    }
  }
  for (const [name, value] of request.headers) {
    if (
      UNIMPLEMENTED_HEADERS.some(([prefix, harmless]) => name.startsWith(prefix) && !harmless.includes(value))
    ) {
      throw notImplemented(name);
    }
  }
}

function notImplemented(name: string): S3Error {
  return new S3Error(
    "NotImplemented",
    `A header or parameter you provided implies functionality that is not implemented by this server: ${name}`,
  );
}
