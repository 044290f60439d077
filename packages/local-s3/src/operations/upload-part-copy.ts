import { checksumElements } from "../body/checksums.js";
import { receiveBytes } from "../body/receiver.js";
import { invalidArgument } from "../errors.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import type { Part } from "../store/records.js";
import { element, s3Timestamp, xmlDocument } from "../xml/writer.js";
import { encryptionHeaders } from "./attributes.js";
import { checkCopiedBytes, copyBytes, findSource } from "./copy-object.js";
import { checkCustomerKey } from "./customer-key.js";
import type { OperationContext } from "./operation.js";
import { findUpload } from "./operation.js";
import { readPartNumber } from "./upload-part.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export async function uploadPartCopy({ store, request, signature }: OperationContext): Promise<S3Response> {
  await receiveBytes(request, signature);
  const partNumber = readPartNumber(request);
  const upload = findUpload(store, request);
  checkCustomerKey(request, upload);
  const { source, headers } = findSource(store, request);
  const { start, end } = copiedRange(request.headers.get("x-amz-copy-source-range"), source.size);
  checkCopiedBytes(end - start);
  const { blobs, md5, checksum } = await copyBytes(store, source, { start, end }, upload.checksumAlgorithm);
  try {
    // The upload may have been completed or aborted meanwhile.
    const { uploadId } = findUpload(store, request);
    const part: Part = {
      ...{ partNumber, size: end - start, etag: md5, blobs, modified: Date.now() },
      ...(checksum && { checksum }),
    };
    store.commit({ op: "put-part", bucket: request.bucket, uploadId, part });
    const body = xmlDocument("CopyPartResult", [
      element("LastModified", s3Timestamp(part.modified)),
      element("ETag", `"${part.etag}"`),
      ...checksumElements(part.checksum),
    ]);
    return xmlResponse(body, { ...headers, ...encryptionHeaders(upload) });
  } catch (error) {
    store.blobs.remove(blobs);
    throw error;
  }
}

/**
 * The bytes of the source that a part gets: `bytes=first-last`, both within the source. Default: all of it.
 *
 * @throws {S3Error} InvalidArgument.
 */
function copiedRange(header: string | undefined, size: number): { start: number; end: number } {
  if (header === undefined) {
    return { start: 0, end: size };
  }
  const [, first, last] = /^bytes=(\d{1,16})-(\d{1,16})$/.exec(header) ?? [];
  const [start, end] = [Number(first), Number(last) + 1];
  // Negated, so that a malformed range (NaN) is rejected too.
  if (!(start < end && end <= size)) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      "x-amz-copy-source-range",
      header,
    );
  }
  return { start, end };
}
