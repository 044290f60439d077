import { checksumTypeOf } from "../body/checksums.js";
import { invalidArgument, S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import type { S3Response } from "../http/response.js";
import { xmlResponse } from "../http/response.js";
import type { ObjectVersion } from "../store/records.js";
import type { Xml } from "../xml/writer.js";
import { element, xmlDocument } from "../xml/writer.js";
import { storageClassOf } from "./attributes.js";
import { checkCustomerKey } from "./customer-key.js";
import { parsePageSize } from "./listing-parameters.js";
import type { OperationContext } from "./operation.js";
import { MAX_PART_NUMBER } from "./operation.js";
import { findVersion, requestedVersionId, versionHeader } from "./versions.js";

const ATTRIBUTES_HEADER = "x-amz-object-attributes";
const MAX_PARTS_HEADER = "x-amz-max-parts";
const PART_MARKER_HEADER = "x-amz-part-number-marker";
/** Headers that choose the attributes and the page of parts. */
export const ATTRIBUTE_REQUEST_HEADERS = [ATTRIBUTES_HEADER, MAX_PARTS_HEADER, PART_MARKER_HEADER];

/** The attributes that a request can name, in the order of the response. */
const ATTRIBUTE_NAMES = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] as const;
type AttributeName = (typeof ATTRIBUTE_NAMES)[number];

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export async function getObjectAttributes({ store, request }: OperationContext): Promise<S3Response> {
  const wanted = wantedAttributes(request);
  const bucket = store.bucket(request.bucket);
  const version = findVersion(bucket, request.key, requestedVersionId(request));
  checkCustomerKey(request, version);
  const values: Readonly<Record<AttributeName, string | number | Xml[] | undefined>> = {
    ETag: version.etag,
    Checksum: checksumContent(version),
    ObjectParts: partsContent(request, version),
    StorageClass: storageClassOf(version),
    ObjectSize: version.size,
  };
  const body = xmlDocument(
    "GetObjectAttributesResponse",
    ATTRIBUTE_NAMES.filter((name) => wanted.has(name)).map((name) => element(name, values[name])),
  );
  return xmlResponse(body, {
    "last-modified": new Date(version.modified).toUTCString(),
    ...versionHeader(bucket, version.versionId),
  });
}

/** @throws {S3Error} InvalidRequest: none is named. InvalidArgument: one is unknown. */
function wantedAttributes({ headers }: S3Request): ReadonlySet<string> {
  const header = headers.get(ATTRIBUTES_HEADER) ?? "";
  const names = header.split(",").map((name) => name.trim());
  if (header === "") {
    throw new S3Error(
      "InvalidRequest",
      "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
    );
  }
  if (!names.every((name) => ATTRIBUTE_NAMES.some((known) => known === name))) {
    throw invalidArgument("Invalid attribute name specified.", ATTRIBUTES_HEADER, header);
  }
  return new Set(names);
}

/** Unlike everywhere else, a composite checksum stands without its number of parts. */
function checksumContent({ checksum }: ObjectVersion): Xml[] | undefined {
  if (checksum === undefined) {
    return undefined;
  }
  return [
    element(`Checksum${checksum.algorithm}`, checksum.value.replace(/-\d+$/, "")),
    element("ChecksumType", checksumTypeOf(checksum)),
  ];
}

/** The parts of a multipart object. S3 lists them only if the object has a composite checksum. */
function partsContent({ headers }: S3Request, version: ObjectVersion): Xml[] | undefined {
  const max = parsePageSize(headers.get(MAX_PARTS_HEADER) ?? "", "max-parts");
  const marker = parsePageSize(headers.get(PART_MARKER_HEADER) ?? "0", "part-number-marker", MAX_PART_NUMBER);
  const count = /-(\d+)$/.exec(version.etag)?.[1];
  if (count === undefined) {
    return undefined;
  }
  const { parts, checksum } = version;
  if (parts === undefined || checksum === undefined) {
    return [element("PartsCount", count)];
  }
  const following = parts.filter(({ partNumber }) => partNumber > marker);
  const page = following.slice(0, max);
  return [
    element("PartsCount", count),
    element("PartNumberMarker", marker),
    element("NextPartNumberMarker", page.at(-1)?.partNumber ?? marker),
    element("MaxParts", max),
    element("IsTruncated", page.length > 0 && page.length < following.length),
    ...page.map((part) =>
      element("Part", [
        element(`Checksum${checksum.algorithm}`, part.checksum),
        element("PartNumber", part.partNumber),
        element("Size", part.size),
      ]),
    ),
  ];
}
