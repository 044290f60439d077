import type { S3Request } from "../http/s3-request.js";
import { S3Error } from "../s3-error.js";
import type { Attributes } from "../store/model.js";
import { maxMetadataBytes } from "./limits.js";

/** Kept with an object and sent back as they came. */
const keptHeaders = ["cache-control", "content-disposition", "content-language", "content-type", "expires"];
const metadataPrefix = "x-amz-meta-";

/** @throws {S3Error} MetadataTooLarge. */
export function readAttributes(request: S3Request): Attributes {
  const headers: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = request.headers.get(name);
    if (value !== undefined && value !== "") {
      headers[name] = value;
    }
  }
  // aws-chunked is how the body came, not what the object is.
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
    .filter(([name]) => name.startsWith(metadataPrefix))
    .map(([name, value]): [string, string] => [name.slice(metadataPrefix.length), value]);
  const size = entries.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0);
  if (size > maxMetadataBytes) {
    throw new S3Error("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", {
      details: { Size: String(size), MaxSizeAllowed: String(maxMetadataBytes) },
    });
  }
  return Object.fromEntries(entries);
}

/** The headers of an answer that carry an object's attributes. */
export function attributeHeaders({ headers, metadata }: Attributes): Record<string, string> {
  const all: Record<string, string> = { "content-type": "binary/octet-stream", ...headers };
  for (const [name, value] of Object.entries(metadata)) {
    all[`${metadataPrefix}${name}`] = value;
  }
  return all;
}
