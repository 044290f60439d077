import { createHash } from "node:crypto";
import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import type { Attributes } from "../store/records.js";

const ALGORITHM_HEADER = "x-amz-server-side-encryption-customer-algorithm";
const KEY_HEADER = "x-amz-server-side-encryption-customer-key";
const KEY_MD5_HEADER = "x-amz-server-side-encryption-customer-key-md5";

/** Headers of encryption with a key of the customer's (SSE-C). */
export const CUSTOMER_KEY_HEADERS: readonly string[] = [ALGORITHM_HEADER, KEY_HEADER, KEY_MD5_HEADER];

/** The length of an AES-256 key. */
const KEY_BYTES = 32;

/**
 * The headers that an object written with a customer's key has. This server stores the MD5 of the key, not the key, and the bytes as
 * they are.
 *
 * @throws {S3Error} InvalidArgument: the headers are incomplete or disagree.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
 */
export function customerKeyHeaders(request: S3Request, prefix = "x-amz-"): Record<string, string> {
  const [algorithm, key, md5] = CUSTOMER_KEY_HEADERS.map((name) =>
    request.headers.get(name.replace("x-amz-", prefix)),
  );
  if (algorithm === undefined && key === undefined && md5 === undefined) {
    return {};
  }
  const bytes = Buffer.from(key ?? "", "base64");
  const expected = createHash("md5").update(bytes).digest("base64");
  if (algorithm !== "AES256" || bytes.length !== KEY_BYTES || md5 !== expected) {
    throw new S3Error(
      "InvalidArgument",
      "The secret key, its MD5 and the algorithm AES256 must be given together, and must agree.",
    );
  }
  return { [ALGORITHM_HEADER]: algorithm, [KEY_MD5_HEADER]: md5 };
}

/**
 * Check that a read has the key that its object was written with.
 *
 * @param prefix - `x-amz-copy-source-` for the source of a copy.
 * @throws {S3Error} InvalidRequest: no key, or one for an object without. AccessDenied: another key.
 */
export function checkCustomerKey(request: S3Request, { headers }: Attributes, prefix = "x-amz-"): void {
  const given = customerKeyHeaders(request, prefix)[KEY_MD5_HEADER];
  const expected = headers[KEY_MD5_HEADER];
  if ((given === undefined) !== (expected === undefined)) {
    const message =
      expected === undefined
        ? "The encryption parameters are not applicable to this object."
        : "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.";
    throw new S3Error("InvalidRequest", message);
  }
  if (given !== expected) {
    throw new S3Error("AccessDenied", "Access Denied: the object was stored with another key");
  }
}
