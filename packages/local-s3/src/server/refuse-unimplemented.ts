import type { S3Request } from "../http/s3-request.js";
import { S3Error } from "../s3-error.js";

/** Query parameters by which S3 addresses what this server has not. */
const subresources = new Set([
  "accelerate",
  "acl",
  "analytics",
  "attributes",
  "append",
  "cors",
  "encryption",
  "intelligent-tiering",
  "inventory",
  "legal-hold",
  "lifecycle",
  "logging",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "policy",
  "policyStatus",
  "publicAccessBlock",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "tagging",
  "torrent",
  "website",
]);

/** Headers that ask for what this server does not do, and the values with which they ask for nothing. */
const headers: readonly (readonly [prefix: string, harmless: readonly string[]])[] = [
  ["x-amz-acl", ["private", "bucket-owner-full-control"]],
  ["x-amz-bucket-object-lock-enabled", ["false"]],
  ["x-amz-copy-source-server-side-encryption", []],
  ["x-amz-grant-", []],
  ["x-amz-if-match-", []],
  ["x-amz-object-lock-", []],
  ["x-amz-server-side-encryption", []],
  ["x-amz-storage-class", ["STANDARD"]],
  ["x-amz-tagging", ["", "COPY"]],
  ["x-amz-website-redirect-location", []],
  ["x-amz-write-offset-bytes", []],
];

/**
 * Better no answer than one that leaves out what was asked for.
 *
 * @throws {S3Error} NotImplemented, naming the parameter or header.
 */
export function refuseUnimplemented(request: S3Request): void {
  for (const [name] of request.query) {
    if (subresources.has(name)) {
      throw notImplemented(`?${name}`);
    }
  }
  for (const [name, value] of request.headers) {
    if (headers.some(([prefix, harmless]) => name.startsWith(prefix) && !harmless.includes(value))) {
      throw notImplemented(name);
    }
  }
}

function notImplemented(name: string): S3Error {
  return new S3Error(
    "NotImplemented",
    `A header or parameter you provided implies functionality that is not implemented by this server: ${name}`,
  );
}
