import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import type { Attributes } from "../store/records.js";
import { MAX_METADATA_BYTES } from "./operation.js";

/** Headers that are stored with an object and returned unchanged. */
const KEPT_HEADERS = ["cache-control", "content-disposition", "content-language", "content-type", "expires"];
const METADATA_PREFIX = "x-amz-meta-";

/**
 * The attributes that a request gives to a new object.
 *
 * @throws {S3Error} MetadataTooLarge.
 */
export function readAttributes(request: S3Request): Attributes {
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
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
  return { headers, metadata: readMetadata(request) };
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

/** The response headers with an object's attributes. */
export function attributeHeaders({ headers, metadata }: Attributes): Record<string, string> {
  const all: Record<string, string> = { "content-type": "binary/octet-stream", ...headers };
  for (const [name, value] of Object.entries(metadata)) {
    all[`${METADATA_PREFIX}${name}`] = value;
  }
  return all;
}
