import { queryValue } from "../http/s3-request.js";
import { type S3Response, xmlResponse } from "../http/s3-response.js";
import { pageSize } from "../listing/listing-parameters.js";
import { element, xmlDocument } from "../xml/write-xml.js";
import { checksumElements } from "./checksum-headers.js";
import type { OperationContext } from "./operation.js";
import { owner } from "./owner.js";
import { s3Timestamp } from "./timestamp.js";
import { findUpload } from "./uploads.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export async function listParts({ store, request }: OperationContext): Promise<S3Response> {
  const upload = findUpload(store, request);
  const max = pageSize(request, "max-parts");
  const marker = Number(queryValue(request, "part-number-marker") ?? "0") || 0;
  const following = [...upload.parts.values()]
    .filter(({ partNumber }) => partNumber > marker)
    .sort((a, b) => a.partNumber - b.partNumber);
  const page = following.slice(0, max);
  const body = xmlDocument("ListPartsResult", [
    element("Bucket", request.bucket),
    element("Key", upload.key),
    element("UploadId", upload.uploadId),
    element("Initiator", owner),
    element("Owner", owner),
    element("StorageClass", "STANDARD"),
    element("PartNumberMarker", marker),
    element("NextPartNumberMarker", page.at(-1)?.partNumber ?? marker),
    element("MaxParts", max),
    element("IsTruncated", page.length > 0 && page.length < following.length),
    element("ChecksumAlgorithm", upload.checksumAlgorithm),
    ...page.map((part) =>
      element("Part", [
        element("PartNumber", part.partNumber),
        element("LastModified", s3Timestamp(part.modified)),
        element("ETag", `"${part.etag}"`),
        element("Size", part.size),
        ...checksumElements(part.checksum).slice(0, 1),
      ]),
    ),
  ]);
  return xmlResponse(body);
}
