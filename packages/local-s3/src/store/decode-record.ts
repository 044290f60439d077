import { JsonFields } from "./json-fields.js";
import {
  type Attributes,
  type Blob,
  type Checksum,
  checksumAlgorithms,
  type NewUpload,
  type Part,
  type Version,
  versioningStates,
} from "./model.js";
import type { JournalRecord } from "./record.js";

/**
 * Check one line of the journal: the file may be damaged, edited, or of another program.
 *
 * @throws {Error} What is wrong with it.
 */
export function decodeRecord(line: string): JournalRecord {
  const parsed: unknown = JSON.parse(line);
  const record = new JsonFields(parsed);
  const op = record.text("op");
  const bucket = record.text("bucket");
  switch (op) {
    case "create-bucket":
      return { op, bucket, created: record.count("created") };
    case "delete-bucket":
      return { op, bucket };
    case "set-versioning":
      return { op, bucket, versioning: record.oneOf("versioning", versioningStates) };
    case "put-version":
      return { op, bucket, key: record.text("key"), version: version(record.fields("version")) };
    case "remove-version":
      return { op, bucket, key: record.text("key"), versionId: record.text("versionId") };
    case "begin-upload":
      return { op, bucket, upload: newUpload(record.fields("upload")) };
    case "put-part":
      return { op, bucket, uploadId: record.text("uploadId"), part: part(record.fields("part")) };
    case "abort-upload":
      return { op, bucket, uploadId: record.text("uploadId") };
    case "complete-upload":
      return {
        op,
        bucket,
        uploadId: record.text("uploadId"),
        key: record.text("key"),
        version: version(record.fields("version")),
      };
    default:
      throw new Error(`op is "${op}", which this version does not know`);
  }
}

function version(fields: JsonFields): Version {
  const base = {
    versionId: fields.text("versionId"),
    sequence: fields.count("sequence"),
    modified: fields.count("modified"),
  };
  const kind = fields.oneOf("kind", ["object", "delete-marker"]);
  if (kind === "delete-marker") {
    return { kind, ...base };
  }
  return {
    kind,
    ...base,
    size: fields.count("size"),
    etag: fields.text("etag"),
    blobs: blobs(fields),
    multipart: fields.flag("multipart"),
    ...checksum(fields),
    ...attributes(fields),
  };
}

function newUpload(fields: JsonFields): NewUpload {
  return {
    uploadId: fields.text("uploadId"),
    key: fields.text("key"),
    initiated: fields.count("initiated"),
    ...(fields.has("checksumAlgorithm")
      ? { checksumAlgorithm: fields.oneOf("checksumAlgorithm", checksumAlgorithms) }
      : {}),
    ...attributes(fields),
  };
}

function part(fields: JsonFields): Part {
  return {
    partNumber: fields.count("partNumber"),
    size: fields.count("size"),
    etag: fields.text("etag"),
    blobs: blobs(fields),
    modified: fields.count("modified"),
    ...checksum(fields),
  };
}

function attributes(fields: JsonFields): Attributes {
  return { headers: shared(fields.texts("headers")), metadata: fields.texts("metadata") };
}

const seen = new Map<string, Readonly<Record<string, string>>>();
const maxSeen = 100;

/**
 * An object equal to this one that was seen before, if there was one: a million objects mostly have the same few headers.
 */
function shared(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const text = JSON.stringify(texts);
  const known = seen.get(text);
  if (known !== undefined) {
    return known;
  }
  if (seen.size < maxSeen) {
    seen.set(text, texts);
  }
  return texts;
}

function checksum(fields: JsonFields): { checksum?: Checksum } {
  if (!fields.has("checksum")) {
    return {};
  }
  const sum = fields.fields("checksum");
  return { checksum: { algorithm: sum.oneOf("algorithm", checksumAlgorithms), value: sum.text("value") } };
}

function blobs(fields: JsonFields): readonly Blob[] {
  return fields.list("blobs").map((value) => {
    const blob = new JsonFields(value);
    const id = blob.text("id");
    // The identifier becomes a file's name: nothing but hexadecimal digits may.
    if (!/^[0-9a-f]{24}$/.test(id)) {
      throw new Error(`a blob's id is ${JSON.stringify(id)}, expected 24 hexadecimal digits`);
    }
    return { id, size: blob.count("size") };
  });
}
