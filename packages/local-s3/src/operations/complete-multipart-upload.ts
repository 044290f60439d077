import { createHash } from "node:crypto";
import {
  badChecksum,
  checksumElements,
  checksumTypeOf,
  compositeChecksum,
  declaredChecksum,
  fullObjectChecksum,
} from "../body/checksums.js";
import { receiveXml } from "../body/receiver.js";
import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import { queryValue, uriEncodePath } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import type { Bucket } from "../store/bucket.js";
import type { CheckedPart, Checksum, ObjectVersion, Part, Upload } from "../store/records.js";
import { CHECKSUM_ALGORITHMS } from "../store/records.js";
import type { XmlElement } from "../xml/parser.js";
import { childText, malformedXml } from "../xml/parser.js";
import { element, xmlDocument } from "../xml/writer.js";
import { encryptionHeaders } from "./attributes.js";
import { checkWriteConditions } from "./conditions.js";
import { checkCustomerKey } from "./customer-key.js";
import type { OperationContext } from "./operation.js";
import { findUpload, MAX_PART_NUMBER, MIN_PART_BYTES } from "./operation.js";
import { newVersionBase, versionHeader } from "./versions.js";

/**
 * Put an object together from uploaded parts. Completing an upload again gives the same answer: the client may have lost the first.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export async function completeMultipartUpload(context: OperationContext): Promise<S3Response> {
  const { store, request, signature } = context;
  const document = await receiveXml(request, signature, "CompleteMultipartUpload", { describesObject: true });
  // Nothing awaits between here and the commit, so the state that is checked is the state that is changed.
  const bucket = store.bucket(request.bucket);
  const uploadId = queryValue(request, "uploadId") ?? "";
  const completed = bucket.completed.get(uploadId);
  if (completed?.key === request.key && completed.version.kind === "object") {
    return completedResponse(context, bucket, completed.version);
  }
  const upload = findUpload(store, request);
  checkCustomerKey(request, upload);
  checkChecksumType(request, upload);
  const parts = chosenParts(document, upload);
  checkObjectSize(request.headers.get("x-amz-mp-object-size"), parts);
  const checksum = checksumOf(upload, parts);
  checkDeclaredChecksum(request, checksum);
  checkWriteConditions(request, upload.key, bucket.current(upload.key));
  const version: ObjectVersion = {
    kind: "object",
    ...newVersionBase(store, bucket),
    size: totalSize(parts),
    etag: multipartEtag(parts),
    blobs: parts.flatMap((part) => part.blobs),
    multipart: true,
    ...(checksum === undefined ? {} : { checksum }),
    ...checkedParts(checksum, parts),
    headers: upload.headers,
    metadata: upload.metadata,
    ...(upload.tags && { tags: upload.tags }),
  };
  store.commit({ op: "complete-upload", bucket: bucket.name, uploadId, key: upload.key, version });
  return completedResponse(context, bucket, version);
}

function completedResponse(
  { request }: OperationContext,
  bucket: Bucket,
  version: ObjectVersion,
): S3Response {
  const { key } = request;
  const location = `http://${request.headers.get("host") ?? ""}/${bucket.name}/${uriEncodePath(key)}`;
  const body = xmlDocument("CompleteMultipartUploadResult", [
    element("Location", location),
    element("Bucket", bucket.name),
    element("Key", key),
    element("ETag", `"${version.etag}"`),
    ...checksumElements(version.checksum),
  ]);
  return xmlResponse(body, { ...encryptionHeaders(version), ...versionHeader(bucket, version.versionId) });
}

/** @throws {S3Error} InvalidRequest: the completion names another type than the upload. */
function checkChecksumType(request: S3Request, { checksumAlgorithm, isFullObject = false }: Upload): void {
  const declared = request.headers.get("x-amz-checksum-type");
  const type = isFullObject ? "FULL_OBJECT" : "COMPOSITE";
  if (declared !== undefined && checksumAlgorithm !== undefined && declared.toUpperCase() !== type) {
    throw new S3Error(
      "InvalidRequest",
      `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
}

/**
 * A composite checksum may be declared with or without its number of parts.
 *
 * @throws {S3Error} BadDigest.
 */
function checkDeclaredChecksum(request: S3Request, checksum: Checksum | undefined): void {
  const declared = declaredChecksum(request);
  if (declared === undefined) {
    return;
  }
  const value = checksum?.value;
  const isSame =
    declared.algorithm === checksum?.algorithm &&
    (declared.value === value || declared.value === value?.replace(/-\d+$/, ""));
  if (!isSame) {
    throw badChecksum(declared.algorithm);
  }
}

/** MD5 of the parts' MD5s, `-`, and the number of parts. It depends on the part size, not only on the bytes. */
function multipartEtag(parts: readonly Part[]): string {
  const hash = createHash("md5");
  for (const { etag } of parts) {
    hash.update(Buffer.from(etag, "hex"));
  }
  return `${hash.digest("hex")}-${parts.length}`;
}

/** The uploaded parts that the request lists, in its order. */
function chosenParts(document: XmlElement, upload: Upload): readonly Part[] {
  const listed = document.children.filter(({ name }) => name === "Part");
  if (listed.length === 0 || listed.length > MAX_PART_NUMBER) {
    throw malformedXml();
  }
  let before = 0;
  const parts = listed.map((entry): Part => {
    const number = Number(childText(entry, "PartNumber") ?? "");
    if (!Number.isInteger(number) || number < 1) {
      throw malformedXml();
    }
    if (number <= before) {
      throw new S3Error(
        "InvalidPartOrder",
        "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
        { details: { UploadId: upload.uploadId } },
      );
    }
    before = number;
    return matchingPart(entry, number, upload);
  });
  for (const part of parts.slice(0, -1)) {
    if (part.size < MIN_PART_BYTES) {
      throw new S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
        details: {
          ProposedSize: String(part.size),
          MinSizeAllowed: String(MIN_PART_BYTES),
          PartNumber: String(part.partNumber),
          ETag: part.etag,
        },
      });
    }
  }
  return parts;
}

function matchingPart(entry: XmlElement, number: number, upload: Upload): Part {
  const part = upload.parts.get(number);
  const etag = childText(entry, "ETag")?.replaceAll('"', "");
  const sumsMatch = CHECKSUM_ALGORITHMS.every((algorithm) => {
    const sum = childText(entry, `Checksum${algorithm}`);
    return sum === undefined || (part?.checksum?.algorithm === algorithm && part.checksum.value === sum);
  });
  if (part?.etag !== etag || part === undefined || !sumsMatch) {
    throw new S3Error(
      "InvalidPart",
      "One or more of the specified parts could not be found. The part might not have been uploaded, or the specified entity tag or checksum might not have matched the part's.",
      { details: { UploadId: upload.uploadId, PartNumber: String(number), ETag: etag ?? "" } },
    );
  }
  return part;
}

function checkObjectSize(expected: string | undefined, parts: readonly Part[]): void {
  if (expected !== undefined && Number(expected) !== totalSize(parts)) {
    throw new S3Error(
      "InvalidRequest",
      `The provided 'x-amz-mp-object-size' header value ${expected.slice(0, 20)} does not match what was computed: ${totalSize(parts)}`,
    );
  }
}

function totalSize(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0);
}

/** In an upload with an algorithm, every part has a checksum. */
function checksumOf(
  { checksumAlgorithm: algorithm, isFullObject = false }: Upload,
  parts: readonly Part[],
): Checksum | undefined {
  if (algorithm === undefined) {
    return undefined;
  }
  const sums = parts.flatMap(({ checksum }) => checksum ?? []);
  return isFullObject ? fullObjectChecksum(algorithm, parts) : compositeChecksum(algorithm, sums);
}

/** GetObjectAttributes lists the parts of a composite checksum. */
function checkedParts(
  checksum: Checksum | undefined,
  parts: readonly Part[],
): { parts?: readonly CheckedPart[] } {
  if (checksum === undefined || checksumTypeOf(checksum) !== "COMPOSITE") {
    return {};
  }
  return {
    parts: parts.map(({ partNumber, size, checksum: sum }) => ({
      partNumber,
      size,
      checksum: sum?.value ?? "",
    })),
  };
}
