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
  const record = new Fields(parsed);
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

/** A JSON object whose fields are read with their types checked. */
class Fields {
  readonly #value: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Error("a JSON object was expected");
    }
    this.#value = { ...value };
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined;
  }

  text(name: string): string {
    const value = this.#value[name];
    return typeof value === "string" ? value : this.#refuse(name, "a string");
  }

  count(name: string): number {
    const value = this.#value[name];
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
      ? value
      : this.#refuse(name, "a whole number");
  }

  flag(name: string): boolean {
    const value = this.#value[name];
    return typeof value === "boolean" ? value : this.#refuse(name, "true or false");
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.#value[name];
    return (
      allowed.find((candidate) => candidate === value) ?? this.#refuse(name, `one of ${allowed.join(", ")}`)
    );
  }

  fields(name: string): Fields {
    return new Fields(this.#value[name]);
  }

  list(name: string): readonly unknown[] {
    const value = this.#value[name];
    return Array.isArray(value) ? value : this.#refuse(name, "a list");
  }

  texts(name: string): Readonly<Record<string, string>> {
    const fields = this.fields(name);
    return Object.fromEntries(Object.keys(fields.#value).map((key) => [key, fields.text(key)]));
  }

  #refuse(name: string, expected: string): never {
    const value = this.#value[name];
    throw new Error(
      `${name} is ${value === undefined ? "missing" : JSON.stringify(value)}, expected ${expected}`,
    );
  }
}

function version(fields: Fields): Version {
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

function newUpload(fields: Fields): NewUpload {
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

function part(fields: Fields): Part {
  return {
    partNumber: fields.count("partNumber"),
    size: fields.count("size"),
    etag: fields.text("etag"),
    blobs: blobs(fields),
    modified: fields.count("modified"),
    ...checksum(fields),
  };
}

function attributes(fields: Fields): Attributes {
  return { headers: fields.texts("headers"), metadata: fields.texts("metadata") };
}

function checksum(fields: Fields): { checksum?: Checksum } {
  if (!fields.has("checksum")) {
    return {};
  }
  const sum = fields.fields("checksum");
  return { checksum: { algorithm: sum.oneOf("algorithm", checksumAlgorithms), value: sum.text("value") } };
}

function blobs(fields: Fields): readonly Blob[] {
  return fields.list("blobs").map((value) => {
    const blob = new Fields(value);
    const id = blob.text("id");
    // The identifier becomes a file's name: nothing but hexadecimal digits may.
    if (!/^[0-9a-f]{24}$/.test(id)) {
      throw new Error(`a blob's id is ${JSON.stringify(id)}, expected 24 hexadecimal digits`);
    }
    return { id, size: blob.count("size") };
  });
}
