import { queryValue } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import { walk } from "../store/listing.js";
import type { Upload } from "../store/records.js";
import { SortedMap } from "../store/sorted-map.js";
import type { Xml } from "../xml/writer.js";
import { element, OWNER, s3Timestamp, xmlDocument } from "../xml/writer.js";
import { storageClassOf } from "./attributes.js";
import { listingParameters } from "./listing-parameters.js";
import type { OperationContext } from "./operation.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export async function listMultipartUploads({ store, request }: OperationContext): Promise<S3Response> {
  const bucket = store.bucket(request.bucket);
  const { prefix, delimiter, max, encodingType, encode } = listingParameters(request, "max-uploads");
  const keyMarker = queryValue(request, "key-marker") ?? "";
  const idMarker = keyMarker === "" ? "" : (queryValue(request, "upload-id-marker") ?? "");
  const query = { prefix, delimiter, after: keyMarker, inclusive: idMarker !== "" };

  const entries: Xml[] = [];
  let last = { key: "", uploadId: "" };
  let truncated = false;
  pages: for (const entry of walk(uploadsByKey(bucket.uploads.values()), query, () => true)) {
    const uploads = entry.kind === "key" ? entry.value : [undefined];
    const first =
      entry.kind === "key" && entry.key === keyMarker ? indexAfterUpload(entry.value, idMarker) : 0;
    for (const upload of uploads.slice(first)) {
      if (entries.length === max) {
        truncated = max > 0;
        break pages;
      }
      const key = entry.kind === "key" ? entry.key : entry.prefix;
      last = { key, uploadId: upload?.uploadId ?? "" };
      entries.push(
        upload === undefined
          ? element("CommonPrefixes", [element("Prefix", encode(key))])
          : uploadElement(upload, encode),
      );
    }
  }
  const body = xmlDocument("ListMultipartUploadsResult", [
    element("Bucket", bucket.name),
    element("KeyMarker", encode(keyMarker)),
    element("UploadIdMarker", idMarker),
    element("NextKeyMarker", truncated ? encode(last.key) : undefined),
    element("NextUploadIdMarker", truncated && last.uploadId !== "" ? last.uploadId : undefined),
    element("Prefix", encode(prefix)),
    element("Delimiter", delimiter === "" ? undefined : encode(delimiter)),
    element("EncodingType", encodingType),
    element("MaxUploads", max),
    element("IsTruncated", truncated),
    ...entries,
  ]);
  return xmlResponse(body);
}

/** The uploads by key. Those of one key are in the order of their initiation. */
function uploadsByKey(uploads: Iterable<Upload>): SortedMap<readonly Upload[]> {
  const byKey = new SortedMap<Upload[]>();
  for (const upload of uploads) {
    const others = byKey.get(upload.key);
    if (others === undefined) {
      byKey.set(upload.key, [upload]);
    } else {
      others.push(upload);
    }
  }
  return byKey;
}

/** Index of the first upload after the marker; 0 if the marked upload no longer exists. */
function indexAfterUpload(uploads: readonly Upload[], idMarker: string): number {
  return uploads.findIndex(({ uploadId }) => uploadId === idMarker) + 1;
}

function uploadElement(upload: Upload, encode: (key: string) => string): Xml {
  return element("Upload", [
    element("Key", encode(upload.key)),
    element("UploadId", upload.uploadId),
    element("Initiator", OWNER),
    element("Owner", OWNER),
    element("StorageClass", storageClassOf(upload)),
    element("Initiated", s3Timestamp(upload.initiated)),
    element("ChecksumAlgorithm", upload.checksumAlgorithm),
  ]);
}
