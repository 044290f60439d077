import { queryValue } from "../http/s3-request.js";
import { type S3Response, xmlResponse } from "../http/s3-response.js";
import { listingParameters } from "../listing/listing-parameters.js";
import { walk } from "../listing/walk.js";
import type { Upload } from "../store/model.js";
import { SortedMap } from "../store/sorted-map.js";
import { element, type Xml, xmlDocument } from "../xml/write-xml.js";
import type { OperationContext } from "./operation.js";
import { owner } from "./owner.js";
import { s3Timestamp } from "./timestamp.js";

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
    const begin = entry.kind === "key" && entry.key === keyMarker ? behind(entry.value, idMarker) : 0;
    for (const upload of uploads.slice(begin)) {
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

/** Of one key, in order of initiation, as they were added. */
function uploadsByKey(uploads: Iterable<Upload>): SortedMap<readonly Upload[]> {
  const byKey = new SortedMap<readonly Upload[]>();
  for (const upload of uploads) {
    byKey.set(upload.key, [...(byKey.get(upload.key) ?? []), upload]);
  }
  return byKey;
}

/** Where the uploads behind the marker begin; at the start, if the marked one has gone. */
function behind(uploads: readonly Upload[], idMarker: string): number {
  return uploads.findIndex(({ uploadId }) => uploadId === idMarker) + 1;
}

function uploadElement(upload: Upload, encode: (key: string) => string): Xml {
  return element("Upload", [
    element("Key", encode(upload.key)),
    element("UploadId", upload.uploadId),
    element("Initiator", owner),
    element("Owner", owner),
    element("StorageClass", "STANDARD"),
    element("Initiated", s3Timestamp(upload.initiated)),
    element("ChecksumAlgorithm", upload.checksumAlgorithm),
  ]);
}
