import { argumentError } from "../../argument-error.js";
import { InvalidArtefactKeyError } from "../../errors.js";

/** S3's limit on the length of a key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;

// eslint-disable-next-line no-control-regex -- control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/;

/** The full address of an object, folder or bucket, as used in all messages. */
export function addressOf(bucket: string, key = ""): string {
  return `s3://${bucket}/${key}`;
}

/**
 * Check the name of a bucket. Only S3 knows whether the bucket exists.
 *
 * @returns The name.
 * @throws {InvalidArtefactKeyError} The name is empty, or has a scheme, a slash, a space or a control character.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function checkBucket(bucket: string): string {
  if (typeof bucket !== "string") {
    throw argumentError("bucket", bucket, "a bucket's name");
  }
  // An access point's ARN can replace the name, and contains slashes.
  if (
    bucket === "" ||
    /\s/.test(bucket) ||
    CONTROL.test(bucket) ||
    (!bucket.startsWith("arn:") && bucket.includes("/"))
  ) {
    throw new InvalidArtefactKeyError(
      `bucket ${JSON.stringify(bucket)} cannot be used: expected a name without "s3://", slashes and spaces`,
    );
  }
  return bucket;
}

/**
 * Check that a key can be written and read back through any S3 server.
 *
 * @returns The key.
 * @throws {InvalidArtefactKeyError} The key is empty, is longer than 1,024 bytes or begins with `/`; or it has a lone
 *   surrogate, a control character, or a `.` or `..` between slashes.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export function checkKey(bucket: string, key: string): string {
  if (typeof key !== "string") {
    throw argumentError("a key", key, "text");
  }
  const fault = faultOf(key);
  if (fault !== undefined) {
    throw new InvalidArtefactKeyError(
      `${addressOf(bucket)}: key ${JSON.stringify(key)} cannot be used: ${fault}`,
    );
  }
  return key;
}

function faultOf(key: string): string | undefined {
  const bytes = Buffer.byteLength(key);
  if (key === "") {
    return "it is empty";
  }
  if (bytes > MAX_KEY_BYTES) {
    return `it has ${bytes} bytes, at most ${MAX_KEY_BYTES} are allowed`;
  }
  if (/\p{Surrogate}/u.test(key)) {
    return "it holds half of a surrogate pair";
  }
  if (CONTROL.test(key)) {
    return "it holds a control character";
  }
  if (key.startsWith("/")) {
    return 'it begins with "/"';
  }
  if (key.split("/").some((part) => part === "." || part === "..")) {
    return 'it has a "." or ".." between slashes';
  }
  return undefined;
}

/**
 * Convert a folder to the key prefix of its children: `datasets` and `datasets/` give `datasets/`. "" stands for the
 * whole bucket.
 *
 * @throws {InvalidArtefactKeyError} See {@link checkKey}.
 */
export function folderPrefix(bucket: string, folder = ""): string {
  const name = folder.replace(/\/$/, "");
  if (name === "" && folder === "") {
    return "";
  }
  return `${checkKey(bucket, name)}/`;
}
