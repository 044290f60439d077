import { createHmac } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import type { SignedRequest } from "../../src/auth/signature-v4.js";
import { canonicalRequest, parseAuthorization, sha256Hex, signingKey } from "../../src/auth/signature-v4.js";
import { ChunkSignatures } from "../../src/auth/chunk-signatures.js";

// The examples of AWS's documentation:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
const secretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const key = signingKey(secretAccessKey, "20130524", "us-east-1");
const timestamp = "20130524T000000Z";
const scope = "20130524/us-east-1/s3/aws4_request";
const emptyHash = sha256Hex("");

function signatureOf(canonical: string): string {
  const text = ["AWS4-HMAC-SHA256", timestamp, scope, sha256Hex(canonical)].join("\n");
  return createHmac("sha256", key).update(text).digest("hex");
}

function request(
  path: string,
  query: SignedRequest["query"],
  headers: Record<string, string>,
): SignedRequest {
  const all = { host: "examplebucket.s3.amazonaws.com", "x-amz-date": timestamp, ...headers };
  return { method: "GET", path, query, headers: new Map(Object.entries(all)) };
}

describe("Signature Version 4", () => {
  test("signs AWS's example of a GET with a range", () => {
    const get = request("/test.txt", [], { range: "bytes=0-9", "x-amz-content-sha256": emptyHash });
    const signed = ["host", "range", "x-amz-content-sha256", "x-amz-date"];
    expect(signatureOf(canonicalRequest(get, signed, emptyHash))).toBe(
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
  });

  test("signs AWS's example of a listing", () => {
    const query = [
      ["max-keys", "2"],
      ["prefix", "J"],
    ] as const;
    const list = request("/", query, { "x-amz-content-sha256": emptyHash });
    const signed = ["host", "x-amz-content-sha256", "x-amz-date"];
    expect(signatureOf(canonicalRequest(list, signed, emptyHash))).toBe(
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    );
  });

  test("accepts AWS's example of a chunked body and rejects another body", () => {
    const context = {
      key,
      timestamp,
      scope,
      signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    };
    const chunks = new ChunkSignatures(context);
    chunks.update(Buffer.alloc(65_536, "a"));
    chunks.endChunk("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
    chunks.update(Buffer.alloc(1024, "a"));
    chunks.endChunk("0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
    chunks.endChunk("b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");

    const tampered = new ChunkSignatures(context);
    tampered.update(Buffer.alloc(65_536, "b"));
    expect(() => {
      tampered.endChunk("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
    }).toThrow("The signature of a chunk of the body we calculated does not match");
  });
});

describe("parseAuthorization", () => {
  const credential = "Credential=AK/20130524/us-east-1/s3/aws4_request";
  const rest = `SignedHeaders=host;range, Signature=${"0".repeat(64)}`;

  test("parses the header with or without spaces", () => {
    const expected = {
      accessKeyId: "AK",
      date: "20130524",
      region: "us-east-1",
      signedHeaders: ["host", "range"],
      signature: "0".repeat(64),
    };
    expect(parseAuthorization(`AWS4-HMAC-SHA256 ${credential}, ${rest}`)).toEqual(expected);
    expect(parseAuthorization(`AWS4-HMAC-SHA256 ${credential},${rest.replace(" ", "")}`)).toEqual(expected);
  });

  const malformed: readonly (readonly [header: string, message: string])[] = [
    ["Basic dXNlcjpwYXNz", "Please use AWS4-HMAC-SHA256"],
    ["AWS AKID:signature", "Please use AWS4-HMAC-SHA256"],
    [`AWS4-HMAC-SHA256 ${rest}`, "the Credential is not of the form"],
    [
      `AWS4-HMAC-SHA256 Credential=AK/us-east-1/s3/aws4_request, ${rest}`,
      "the Credential is not of the form",
    ],
    [`AWS4-HMAC-SHA256 ${credential.replace("s3", "ec2")}, ${rest}`, 'must end in "s3/aws4_request"'],
    [`AWS4-HMAC-SHA256 ${credential}, Signature=${"0".repeat(64)}`, "SignedHeaders is missing"],
    [`AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=00`, "not 64 hexadecimal digits"],
  ];
  for (const [header, message] of malformed) {
    test(`rejects ${header.slice(0, 60)}`, () => {
      expect(() => parseAuthorization(header)).toThrow(message);
    });
  }
});
