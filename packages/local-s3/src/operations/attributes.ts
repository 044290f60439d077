import { invalidArgument, S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import type { Attributes } from "../store/records.js";
import { customerKeyHeaders } from "./customer-key.js";
import { MAX_METADATA_BYTES } from "./operation.js";
import { tagsOfHeader } from "./tags.js";

/** Headers that are stored with an object and returned unchanged. */
const KEPT_HEADERS = ["cache-control", "content-disposition", "content-language", "content-type", "expires"];
const METADATA_PREFIX = "x-amz-meta-";
const TAGGING_HEADER = "x-amz-tagging";
const STORAGE_CLASS_HEADER = "x-amz-storage-class";
const ENCRYPTION_PREFIX = "x-amz-server-side-encryption";

/** Headers of features that change nothing here. They are stored with an object and returned. */
const KEPT_AMZ_HEADERS: readonly string[] = [
  ENCRYPTION_PREFIX,
  `${ENCRYPTION_PREFIX}-aws-kms-key-id`,
  `${ENCRYPTION_PREFIX}-bucket-key-enabled`,
  `${ENCRYPTION_PREFIX}-context`,
  STORAGE_CLASS_HEADER,
];

/** Headers that give an object its attributes. A name that ends in a hyphen is the start of many. */
export const ATTRIBUTE_HEADERS: readonly string[] = [...KEPT_AMZ_HEADERS, TAGGING_HEADER, METADATA_PREFIX];

/** The storage class of an object that named none. */
const DEFAULT_STORAGE_CLASS = "STANDARD";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html#AmazonS3-PutObject-request-header-StorageClass */
const STORAGE_CLASSES: ReadonlySet<string> = new Set([
  DEFAULT_STORAGE_CLASS,
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "GLACIER_IR",
  "DEEP_ARCHIVE",
  "EXPRESS_ONEZONE",
  "OUTPOSTS",
  "SNOW",
]);

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html */
const ENCRYPTION_METHODS: ReadonlySet<string> = new Set(["AES256", "aws:kms", "aws:kms:dsse"]);

/**
 * The attributes that a request gives to a new object.
 *
 * @throws {S3Error} MetadataTooLarge, InvalidStorageClass, InvalidTag; InvalidArgument for an unknown encryption method, an
 * incomplete customer's key or malformed tags.
 */
export function readAttributes(request: S3Request): Attributes {
  const headers: Record<string, string> = customerKeyHeaders(request);
  for (const name of [...KEPT_HEADERS, ...KEPT_AMZ_HEADERS]) {
    const value = request.headers.get(name);
    if (value !== undefined && value !== "") {
      headers[name] = value;
    }
  }
  // aws-chunked is the encoding of the transfer, not of the object.
  const encodings = (request.headers.get("content-encoding") ?? "")
    .split(",")
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== "" && encoding !== "aws-chunked");
  if (encodings.length > 0) {
    headers["content-encoding"] = encodings.join(",");
  }
  checkStorageClass(headers[STORAGE_CLASS_HEADER]);
  checkEncryptionMethod(headers[ENCRYPTION_PREFIX]);
  const tags = tagsOfHeader(request.headers.get(TAGGING_HEADER) ?? "");
  return { headers, metadata: readMetadata(request), ...(Object.keys(tags).length > 0 && { tags }) };
}

function checkStorageClass(name: string | undefined): void {
  if (name !== undefined && !STORAGE_CLASSES.has(name)) {
    throw new S3Error("InvalidStorageClass", "The storage class you specified is not valid", {
      details: { StorageClassRequested: name.slice(0, 40) },
    });
  }
}

function checkEncryptionMethod(name: string | undefined): void {
  if (name !== undefined && !ENCRYPTION_METHODS.has(name)) {
    throw invalidArgument("The encryption method specified is not supported", ENCRYPTION_PREFIX, name);
  }
}

function readMetadata(request: S3Request): Readonly<Record<string, string>> {
  const entries = [...request.headers]
    .filter(([name]) => name.startsWith(METADATA_PREFIX))
    .map(([name, value]): [string, string] => [name.slice(METADATA_PREFIX.length), value]);
  const size = entries.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0);
  if (size > MAX_METADATA_BYTES) {
    throw new S3Error("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", {
      details: { Size: String(size), MaxSizeAllowed: String(MAX_METADATA_BYTES) },
    });
  }
  return Object.fromEntries(entries);
}

/** The attributes of a copy. Encryption and storage class are always the request's. */
export function copiedAttributes(
  request: S3Request,
  source: Attributes,
  keeps: { readonly metadata: boolean; readonly tags: boolean },
): Attributes {
  const given = readAttributes(request);
  const { headers, metadata } = keeps.metadata ? source : given;
  const { tags } = keeps.tags ? source : given;
  const isAmz = (name: string): boolean => name.startsWith("x-amz-");
  const from = (origin: Attributes["headers"], takes: (name: string) => boolean): Record<string, string> =>
    Object.fromEntries(Object.entries(origin).filter(([name]) => takes(name)));
  return {
    headers: {
      ...from(headers, (name) => !isAmz(name)),
      ...from(given.headers, isAmz),
    },
    metadata,
    ...(tags && { tags }),
  };
}

/** The response headers with an object's attributes. */
export function attributeHeaders({ headers, metadata, tags = {} }: Attributes): Record<string, string> {
  const { [STORAGE_CLASS_HEADER]: storageClass, ...kept } = headers;
  const tagCount = Object.keys(tags).length;
  const all: Record<string, string> = { "content-type": "binary/octet-stream", ...kept };
  if (tagCount > 0) {
    all["x-amz-tagging-count"] = String(tagCount);
  }
  if (storageClass !== undefined && storageClass !== DEFAULT_STORAGE_CLASS) {
    all[STORAGE_CLASS_HEADER] = storageClass;
  }
  for (const [name, value] of Object.entries(metadata)) {
    all[`${METADATA_PREFIX}${name}`] = value;
  }
  return all;
}

/** The response headers of a write that say how its object is encrypted. */
export function encryptionHeaders({ headers }: Attributes): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(ENCRYPTION_PREFIX)));
}

/** An object's storage class, for listings. */
export function storageClassOf({ headers }: Attributes): string {
  return headers[STORAGE_CLASS_HEADER] ?? DEFAULT_STORAGE_CLASS;
}
