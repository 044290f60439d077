import { createHmac, timingSafeEqual } from "node:crypto";
import { S3Error } from "../errors.js";
import type { S3Request } from "../http/request.js";
import { queryValue, uriEncodePath } from "../http/request.js";
import { rejectExpired } from "./presigned-url.js";
import type { Credentials, SignatureContext } from "./signature-v4.js";
import { invalidAccessKey, signatureMismatch } from "./signature-v4.js";

/** Query parameters that are signed with the path; those that replace headers of the response (`response-*`) are too. */
const SIGNED_PARAMETERS = [
  "acl",
  "cors",
  "delete",
  "lifecycle",
  "location",
  "logging",
  "notification",
  "partNumber",
  "policy",
  "requestPayment",
  "restore",
  "tagging",
  "torrent",
  "uploadId",
  "uploads",
  "versionId",
  "versioning",
  "versions",
  "website",
];

/**
 * Verify a presigned URL with the older signature, SigV2. boto3 and s3cmd still make such URLs by default. In the Authorization header
 * this signature is not accepted.
 *
 * @returns A context without a key: the body of such a request has no signed chunks.
 * @throws {S3Error} AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth
 */
export function verifyPresignedV2(request: S3Request, credentials: Credentials): SignatureContext {
  const parameter = (name: string): string => queryValue(request, name) ?? "";
  const [accessKeyId, expires, signature] = ["AWSAccessKeyId", "Expires", "Signature"].map(parameter);
  if (accessKeyId !== credentials.accessKeyId) {
    throw invalidAccessKey(accessKeyId ?? "");
  }
  if (expires === undefined || !/^\d{1,11}$/.test(expires)) {
    throw new S3Error("AccessDenied", `Invalid date (should be seconds since epoch): ${expires ?? ""}`);
  }
  rejectExpired(Number(expires) * 1_000, expires);
  const signed = textToSign(request, expires);
  const expected = createHmac("sha1", credentials.secretAccessKey).update(signed).digest();
  const given = Buffer.from(signature ?? "", "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw signatureMismatch({ StringToSign: signed });
  }
  return { key: new Uint8Array(), timestamp: "", scope: "", signature: signature ?? "" };
}

/** A header may stand in the URL instead. */
function textToSign(request: S3Request, expires: string): string {
  const { method, path, query, headers } = request;
  const values = new Map([...headers, ...query.map(([name, value]) => [name.toLowerCase(), value] as const)]);
  const amzHeaders = [...values]
    .filter(([name]) => name.startsWith("x-amz-"))
    .sort(([name], [other]) => (name < other ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`);
  const parameters = query
    .filter(([name]) => SIGNED_PARAMETERS.includes(name) || name.startsWith("response-"))
    .sort(([name], [other]) => (name < other ? -1 : 1))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
  const resource = uriEncodePath(path) + (parameters.length > 0 ? `?${parameters.join("&")}` : "");
  const lines = [method, values.get("content-md5") ?? "", values.get("content-type") ?? "", expires];
  return `${lines.join("\n")}\n${amzHeaders.join("")}${resource}`;
}
