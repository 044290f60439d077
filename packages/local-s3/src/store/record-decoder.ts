import type {
  Attributes,
  CheckedPart,
  Checksum,
  JournalRecord,
  NewUpload,
  Part,
  StoredBlob,
  Tags,
  Version,
} from "./records.js";
import { CHECKSUM_ALGORITHMS, VERSIONING_STATES } from "./records.js";

/**
 * Parse and check one line of the journal, which may be damaged, edited, or from another program.
 *
 * @throws {Error} The message names the invalid field.
 */
export function decodeRecord(line: string): JournalRecord {
  const parsed: unknown = JSON.parse(line);
  const record = new JsonFields(parsed);
  const op = record.text("op");
  const bucket = record.text("bucket");
  switch (op) {
    case "create-bucket":
      return {
        op,
        bucket,
        created: record.count("created"),
        ...(record.has("region") && { region: record.text("region") }),
        ...decodeTags(record),
      };
    case "delete-bucket":
      return { op, bucket };
    case "set-versioning":
      return { op, bucket, versioning: record.oneOf("versioning", VERSIONING_STATES) };
    case "set-bucket-tags":
      return { op, bucket, tags: record.texts("tags") };
    case "put-version":
      return { op, bucket, key: record.text("key"), version: decodeVersion(record.fields("version")) };
    case "remove-version":
      return { op, bucket, key: record.text("key"), versionId: record.text("versionId") };
    case "set-tags":
      return {
        op,
        bucket,
        key: record.text("key"),
        versionId: record.text("versionId"),
        tags: record.texts("tags"),
      };
    case "begin-upload":
      return { op, bucket, upload: decodeUpload(record.fields("upload")) };
    case "put-part":
      return { op, bucket, uploadId: record.text("uploadId"), part: decodePart(record.fields("part")) };
    case "abort-upload":
      return { op, bucket, uploadId: record.text("uploadId") };
    case "complete-upload":
      return {
        op,
        bucket,
        uploadId: record.text("uploadId"),
        key: record.text("key"),
        version: decodeVersion(record.fields("version")),
      };
    default:
      throw new Error(`op is "${op}", which this version does not know`);
  }
}

function decodeVersion(fields: JsonFields): Version {
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
    blobs: decodeBlobs(fields),
    multipart: fields.flag("multipart"),
    ...decodeChecksum(fields),
    ...(fields.has("parts") && { parts: decodeCheckedParts(fields) }),
    ...decodeAttributes(fields),
  };
}

function decodeUpload(fields: JsonFields): NewUpload {
  return {
    uploadId: fields.text("uploadId"),
    key: fields.text("key"),
    initiated: fields.count("initiated"),
    ...(fields.has("checksumAlgorithm")
      ? { checksumAlgorithm: fields.oneOf("checksumAlgorithm", CHECKSUM_ALGORITHMS) }
      : {}),
    ...(fields.has("isFullObject") && { isFullObject: fields.flag("isFullObject") }),
    ...decodeAttributes(fields),
  };
}

function decodePart(fields: JsonFields): Part {
  return {
    partNumber: fields.count("partNumber"),
    size: fields.count("size"),
    etag: fields.text("etag"),
    blobs: decodeBlobs(fields),
    modified: fields.count("modified"),
    ...decodeChecksum(fields),
  };
}

function decodeCheckedParts(fields: JsonFields): readonly CheckedPart[] {
  return fields.list("parts").map((value) => {
    const part = new JsonFields(value);
    return {
      partNumber: part.count("partNumber"),
      size: part.count("size"),
      checksum: part.text("checksum"),
    };
  });
}

function decodeAttributes(fields: JsonFields): Attributes {
  return {
    headers: sharedHeaders(fields.texts("headers")),
    metadata: fields.texts("metadata"),
    ...decodeTags(fields),
  };
}

function decodeTags(fields: JsonFields): { tags?: Tags } {
  return fields.has("tags") ? { tags: fields.texts("tags") } : {};
}

const SHARED_HEADERS = new Map<string, Readonly<Record<string, string>>>();
const MAX_SHARED_HEADERS = 100;

/**
 * An equal object from an earlier record, if there is one. Sharing saves memory, because a million objects mostly have
 * the same few headers.
 */
function sharedHeaders(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const text = JSON.stringify(texts);
  const known = SHARED_HEADERS.get(text);
  if (known !== undefined) {
    return known;
  }
  if (SHARED_HEADERS.size < MAX_SHARED_HEADERS) {
    SHARED_HEADERS.set(text, texts);
  }
  return texts;
}

function decodeChecksum(fields: JsonFields): { checksum?: Checksum } {
  if (!fields.has("checksum")) {
    return {};
  }
  const sum = fields.fields("checksum");
  return { checksum: { algorithm: sum.oneOf("algorithm", CHECKSUM_ALGORITHMS), value: sum.text("value") } };
}

function decodeBlobs(fields: JsonFields): readonly StoredBlob[] {
  return fields.list("blobs").map((value) => {
    const blob = new JsonFields(value);
    const id = blob.text("id");
    // The identifier becomes a file name, so only hexadecimal digits are accepted.
    if (!/^[0-9a-f]{24}$/.test(id)) {
      throw new Error(`a blob's id is ${JSON.stringify(id)}, expected 24 hexadecimal digits`);
    }
    return { id, size: blob.count("size") };
  });
}

/** A JSON object whose fields are checked for their types when they are read. */
class JsonFields {
  readonly #value: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (!isJsonObject(value)) {
      throw new Error("a JSON object was expected");
    }
    this.#value = value;
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined;
  }

  text(name: string): string {
    const value = this.#value[name];
    return typeof value === "string" ? value : this.#reject(name, "a string");
  }

  count(name: string): number {
    const value = this.#value[name];
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
      ? value
      : this.#reject(name, "a whole number");
  }

  flag(name: string): boolean {
    const value = this.#value[name];
    return typeof value === "boolean" ? value : this.#reject(name, "true or false");
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.#value[name];
    return (
      allowed.find((candidate) => candidate === value) ?? this.#reject(name, `one of ${allowed.join(", ")}`)
    );
  }

  fields(name: string): JsonFields {
    return new JsonFields(this.#value[name]);
  }

  list(name: string): readonly unknown[] {
    const value = this.#value[name];
    return Array.isArray(value) ? value : this.#reject(name, "a list");
  }

  texts(name: string): Readonly<Record<string, string>> {
    const value = this.#value[name];
    return isTexts(value) ? value : this.#reject(name, "an object of strings");
  }

  #reject(name: string, expected: string): never {
    const value = this.#value[name];
    throw new Error(
      `${name} is ${value === undefined ? "missing" : JSON.stringify(value)}, expected ${expected}`,
    );
  }
}

function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isJsonObject(value) && Object.values(value).every((text) => typeof text === "string");
}
