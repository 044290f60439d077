import { queryValue, type S3Request } from "../http/s3-request.js";
import { abortMultipartUpload } from "../operations/abort-multipart-upload.js";
import { getBucketVersioning, putBucketVersioning } from "../operations/bucket-versioning.js";
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from "../operations/buckets.js";
import { completeMultipartUpload } from "../operations/complete-multipart-upload.js";
import { copyObject } from "../operations/copy-object.js";
import { createMultipartUpload } from "../operations/create-multipart-upload.js";
import { deleteObject } from "../operations/delete-object.js";
import { deleteObjects } from "../operations/delete-objects.js";
import { getObject } from "../operations/get-object.js";
import { listMultipartUploads } from "../operations/list-multipart-uploads.js";
import { listObjectVersions } from "../operations/list-object-versions.js";
import { listObjects, listObjectsV2 } from "../operations/list-objects.js";
import { listParts } from "../operations/list-parts.js";
import type { Operation } from "../operations/operation.js";
import { putObject } from "../operations/put-object.js";
import { uploadPart } from "../operations/upload-part.js";
import { S3Error } from "../s3-error.js";
import { refuseUnimplemented } from "./refuse-unimplemented.js";

type Operations = Readonly<Record<string, Operation>>;

/** By method, and behind a "?" the query parameter that makes it another operation. */
const bucketOperations: Operations = {
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

const objectOperations: Operations = {
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

/** @throws {S3Error} NotImplemented, MethodNotAllowed. */
export function route(request: S3Request): Operation {
  const { method } = request;
  if (request.bucket === "") {
    return request.key === "" && method === "GET" ? listBuckets : methodNotAllowed(request, ["GET"]);
  }
  refuseUnimplemented(request);
  const operations = request.key === "" ? bucketOperations : objectOperations;
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
