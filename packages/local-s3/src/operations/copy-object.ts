import { createHash } from "node:crypto";
import { checksumAlgorithm, checksumElements, checksumHasher } from "../body/checksums.js";
import { receiveBytes } from "../body/receiver.js";
import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import type { StoredBlob, Checksum, ChecksumAlgorithm, ObjectVersion } from "../store/records.js";
import type { Store } from "../store/store.js";
import { element, s3Timestamp, xmlDocument } from "../xml/writer.js";
import { copiedAttributes, encryptionHeaders } from "./attributes.js";
import { checkWriteConditions, isNotModified, preconditionFailed } from "./conditions.js";
import { checkCustomerKey } from "./customer-key.js";
import type { OperationContext } from "./operation.js";
import { checkKey, MAX_PUT_BYTES } from "./operation.js";
import { findVersion, newVersionBase, versionHeader } from "./versions.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject({ store, request, signature }: OperationContext): Promise<S3Response> {
  const { key } = request;
  checkKey(key);
  await receiveBytes(request, signature);
  const { from, source, headers } = findSource(store, request);
  checkSource(request, from, source);
  const attributes = copiedAttributes(request, source, {
    metadata: directive(request, "x-amz-metadata-directive") === "COPY",
    tags: directive(request, "x-amz-tagging-directive") === "COPY",
  });
  checkWriteConditions(request, key, store.bucket(request.bucket).current(key));
  const content = await copyContent(store, source, wantedAlgorithm(request));
  try {
    const bucket = store.bucket(request.bucket);
    checkWriteConditions(request, key, bucket.current(key));
    const version: ObjectVersion = {
      kind: "object",
      ...newVersionBase(store, bucket),
      size: source.size,
      multipart: false,
      ...content,
      ...attributes,
    };
    store.commit({ op: "put-version", bucket: bucket.name, key, version });
    const body = xmlDocument("CopyObjectResult", [
      element("LastModified", s3Timestamp(version.modified)),
      element("ETag", `"${version.etag}"`),
      ...checksumElements(version.checksum),
    ]);
    return xmlResponse(body, {
      ...encryptionHeaders(version),
      ...versionHeader(bucket, version.versionId),
      ...headers,
    });
  } catch (error) {
    store.blobs.remove(content.blobs);
    throw error;
  }
}

/**
 * Find the object that a copy reads, and check the conditions on it.
 *
 * @returns `headers`: of the response, with the source's version.
 * @throws {S3Error} NoSuchKey, NoSuchVersion, PreconditionFailed, …
 */
export function findSource(
  store: Store,
  request: S3Request,
): { from: CopySource; source: ObjectVersion; headers: Record<string, string> } {
  const from = parseCopySource(request.headers.get("x-amz-copy-source") ?? "");
  const bucket = store.bucket(from.bucket);
  const source = findVersion(bucket, from.key, from.versionId);
  checkCustomerKey(request, source, "x-amz-copy-source-");
  if (isNotModified(request, source, "x-amz-copy-source-")) {
    throw preconditionFailed("x-amz-copy-source-If-None-Match");
  }
  const isVersioned = bucket.versioning !== undefined;
  return { from, source, headers: isVersioned ? { "x-amz-copy-source-version-id": source.versionId } : {} };
}

interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** Parse `[/]bucket/key[?versionId=id]`, with bucket and key percent-encoded. */
function parseCopySource(header: string): CopySource {
  const queryStart = header.indexOf("?versionId=");
  const encoded = (queryStart < 0 ? header : header.slice(0, queryStart)).replace(/^\//, "");
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch (error) {
    throw new S3Error("InvalidArgument", "Invalid copy source encoding.", { cause: error });
  }
  const slash = path.indexOf("/");
  if (slash < 1 || slash === path.length - 1) {
    throw new S3Error("InvalidArgument", "Invalid copy source object key");
  }
  return {
    bucket: path.slice(0, slash),
    key: path.slice(slash + 1),
    versionId: queryStart < 0 ? undefined : header.slice(queryStart + "?versionId=".length),
  };
}

/** @throws {S3Error} InvalidRequest: a copy of so many bytes is too large for one request. */
export function checkCopiedBytes(bytes: number): void {
  if (bytes > MAX_PUT_BYTES) {
    throw new S3Error(
      "InvalidRequest",
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_PUT_BYTES}`,
    );
  }
}

function checkSource(request: S3Request, from: CopySource, source: ObjectVersion): void {
  checkCopiedBytes(source.size);
  const ontoItself =
    from.bucket === request.bucket && from.key === request.key && from.versionId === undefined;
  if (ontoItself && directive(request, "x-amz-metadata-directive") === "COPY") {
    throw new S3Error(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
}

function directive(request: S3Request, header: string): "COPY" | "REPLACE" {
  const value = request.headers.get(header) ?? "COPY";
  if (value !== "COPY" && value !== "REPLACE") {
    throw new S3Error("InvalidArgument", `Unknown directive in ${header}.`);
  }
  return value;
}

function wantedAlgorithm(request: S3Request): ChecksumAlgorithm | undefined {
  const name = request.headers.get("x-amz-checksum-algorithm");
  return name === undefined ? undefined : checksumAlgorithm(name);
}

/**
 * Copy the source's bytes into one blob. A hard link is enough if the source's ETag and checksum are those of its
 * bytes. A multipart object becomes a plain one, as in S3, so its bytes are read to compute both.
 */
async function copyContent(
  store: Store,
  source: ObjectVersion,
  wanted: ChecksumAlgorithm | undefined,
): Promise<{ blobs: readonly StoredBlob[]; etag: string; checksum?: Checksum }> {
  const algorithm = wanted ?? source.checksum?.algorithm;
  const [only] = source.blobs;
  if (!source.multipart && algorithm === source.checksum?.algorithm) {
    return {
      blobs: only === undefined ? [] : [await store.blobs.duplicate(only)],
      etag: source.etag,
      ...(source.checksum === undefined ? {} : { checksum: source.checksum }),
    };
  }
  const { md5, ...copied } = await copyBytes(store, source, { start: 0, end: source.size }, algorithm);
  return { ...copied, etag: md5 };
}

/** Copy a range of an object's bytes into one blob. `end` is exclusive; `md5` is in hexadecimal. */
export async function copyBytes(
  store: Store,
  source: ObjectVersion,
  { start, end }: { readonly start: number; readonly end: number },
  algorithm: ChecksumAlgorithm | undefined,
): Promise<{ blobs: readonly StoredBlob[]; md5: string; checksum?: Checksum }> {
  const md5 = createHash("md5");
  const sum = algorithm === undefined ? undefined : checksumHasher(algorithm);
  const { bytes } = store.blobs.read(source.blobs, start, end);
  const { blobs } = await store.blobs.write(async (write) => {
    for await (const chunk of bytes) {
      md5.update(chunk);
      sum?.update(chunk);
      await write(chunk);
    }
  });
  return {
    blobs,
    md5: md5.digest("hex"),
    ...(sum === undefined ? {} : { checksum: { algorithm: sum.algorithm, value: sum.digest() } }),
  };
}
