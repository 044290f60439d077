import { checksumElements } from "../body/checksums.js";
import { queryValue } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import { element, OWNER, s3Timestamp, xmlDocument } from "../xml/writer.js";
import { storageClassOf } from "./attributes.js";
import { pageSize } from "./listing-parameters.js";
import type { OperationContext } from "./operation.js";
import { findUpload } from "./operation.js";

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
    element("Initiator", OWNER),
    element("Owner", OWNER),
    element("StorageClass", storageClassOf(upload)),
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
