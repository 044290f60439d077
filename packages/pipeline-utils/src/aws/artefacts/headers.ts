import type { S3Client } from "@aws-sdk/client-s3";

import { hasOwnNames } from "../../argument-error.js";
import { defaultS3Client, deriveClient } from "../client.js";
import { watchServer } from "./call-s3.js";
import type { S3CallOptions } from "./options.js";
import { isObject } from "../../is-object.js";

/** Requests that create an object. */
const CREATES = ["PutObjectCommand", "CreateMultipartUploadCommand"];

/** Requests that need the customer's key of an object that is encrypted by it. */
const NEEDS_CUSTOMER_KEY = [
  ...CREATES,
  "UploadPartCommand",
  "CompleteMultipartUploadCommand",
  "HeadObjectCommand",
  "GetObjectCommand",
];

const ENCRYPTION = "x-amz-server-side-encryption";
const CUSTOMER_ALGORITHM = `${ENCRYPTION}-customer-algorithm`;
const CUSTOMER_KEY = `${ENCRYPTION}-customer-key`;
const CUSTOMER_KEY_MD5 = `${ENCRYPTION}-customer-key-md5`;
const CUSTOMER_KEY_HEADERS = [CUSTOMER_ALGORITHM, CUSTOMER_KEY, CUSTOMER_KEY_MD5];

/** Fields of an error that repeat the request. S3 explains a wrong signature by the first four. */
const REPEATING_FIELDS: ReadonlySet<string> = new Set([
  "CanonicalRequest",
  "CanonicalRequestBytes",
  "StringToSign",
  "StringToSignBytes",
  "$response",
]);

/**
 * The headers that callers may add, and the requests that take each.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
 */
const REQUESTS_BY_HEADER: Readonly<Record<string, readonly string[] | "all">> = {
  [ENCRYPTION]: CREATES,
  [`${ENCRYPTION}-aws-kms-key-id`]: CREATES,
  [`${ENCRYPTION}-bucket-key-enabled`]: CREATES,
  [`${ENCRYPTION}-context`]: CREATES,
  [CUSTOMER_ALGORITHM]: NEEDS_CUSTOMER_KEY,
  [CUSTOMER_KEY]: NEEDS_CUSTOMER_KEY,
  [CUSTOMER_KEY_MD5]: NEEDS_CUSTOMER_KEY,
  "x-amz-request-payer": "all",
  "x-amz-storage-class": CREATES,
  "x-amz-tagging": CREATES,
};

/**
 * The client of a call. It adds the headers of the call to each request that takes them.
 *
 * @throws {TypeError} A header is unknown or no text, or those of a customer's key are incomplete. The message never
 *   contains a value.
 */
export function clientOf({ client = defaultS3Client(), headers }: S3CallOptions): S3Client {
  if (headers === undefined) {
    return client;
  }
  checkHeaders(headers);
  watchServer(client);
  const stack = client.middlewareStack.clone();
  stack.add(
    (next, { commandName = "" }) =>
      (args) => {
        addHeaders(args.request, headers, commandName);
        return next(args);
      },
    { step: "build", name: "pipelineUtilsHeaders", override: true },
  );
  const secret = headers[CUSTOMER_KEY];
  if (secret !== undefined) {
    const forms = formsOf(secret);
    const hideSecret = <I, O>(next: (args: I) => Promise<O>): ((args: I) => Promise<O>) => {
      return async (args) =>
        next(args).catch((error: unknown) => {
          throw withoutSecret(error, forms);
        });
    };
    // Inside the retries, which report errors too. Outside the signature, which reads the server's clock in an error.
    stack.addRelativeTo(hideSecret, {
      relation: "after",
      toMiddleware: "retryMiddleware",
      name: "pipelineUtilsSecret",
      override: true,
    });
  }
  return deriveClient(client, stack);
}

function checkHeaders(headers: unknown): void {
  if (!hasOwnNames(headers)) {
    const type = isObject(headers) ? headers.constructor.name : typeof headers;
    throw new TypeError(
      `headers is of type ${type}, expected an object such as { "x-amz-tagging": "team=ml" }`,
    );
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!Object.hasOwn(REQUESTS_BY_HEADER, name)) {
      const known = Object.keys(REQUESTS_BY_HEADER).join(", ");
      throw new TypeError(`header ${JSON.stringify(name)} is unknown, expected ${known}`);
    }
    // The value may be a secret.
    if (typeof value !== "string" || value === "" || /[^\t\x20-\x7e]/.test(value)) {
      throw new TypeError(`header ${name} is of type ${typeof value}, expected ASCII text that is not empty`);
    }
  }
  const missing = CUSTOMER_KEY_HEADERS.filter((name) => !Object.hasOwn(headers, name));
  if (missing.length > 0 && missing.length < CUSTOMER_KEY_HEADERS.length) {
    throw new TypeError(`header ${missing.join(", ")} is missing: a customer's key takes three headers`);
  }
}

function addHeaders(request: unknown, headers: Readonly<Record<string, string>>, commandName: string): void {
  if (!isObject(request) || !isObject(request.headers)) {
    return;
  }
  for (const [name, value] of Object.entries(headers)) {
    const requests = REQUESTS_BY_HEADER[name];
    if (requests === "all" || requests?.includes(commandName) === true) {
      request.headers[name] = value;
    }
  }
}

/** The forms in which an answer may repeat a customer's key: as it was sent, or its bytes in hex, with spaces or not. */
function formsOf(secret: string): RegExp {
  const bytes = Buffer.from(secret)
    .toString("hex")
    .replaceAll(/\B/g, String.raw`\s*`);
  return new RegExp(`${secret.replaceAll(/\W/g, String.raw`\$&`)}|${bytes}`, "gi");
}

/**
 * Copy an error without a customer's key. The SDK's errors have fields that cannot be changed.
 *
 * Objects that are neither plain nor errors are left out, because a connection knows the headers it has sent.
 */
function withoutSecret(value: unknown, forms: RegExp): unknown {
  if (typeof value === "string") {
    return value.replaceAll(forms, "…");
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown) => withoutSecret(item, forms));
  }
  if (!isObject(value)) {
    return value;
  }
  const prototype = Reflect.getPrototypeOf(value);
  const isError = value instanceof Error;
  if (!isError && prototype !== Object.prototype && prototype !== null) {
    return undefined;
  }
  const copy = isError ? new Error() : {};
  Object.setPrototypeOf(copy, prototype);
  for (const name of Object.getOwnPropertyNames(value)) {
    if (!REPEATING_FIELDS.has(name)) {
      const enumerable = Object.prototype.propertyIsEnumerable.call(value, name);
      const kept = withoutSecret(value[name], forms);
      Object.defineProperty(copy, name, { value: kept, enumerable, writable: true, configurable: true });
    }
  }
  return copy;
}
