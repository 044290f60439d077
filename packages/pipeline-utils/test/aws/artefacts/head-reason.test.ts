import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { putObjectToS3 } from "@ml-pipelines/pipeline-utils/aws";
import { errorXml } from "@ml-pipelines/test-support/error-xml";
import { startTestS3 } from "../../support/test-s3.js";
import type { ClientSettings, TestS3 } from "../../support/test-s3.js";
import { failure } from "../../support/s3-failure.js";

const filename = "sales_2021-07-03T23:05:32.csv";
const small = Buffer.from("x");
const large = Buffer.alloc(9 * 1024 * 1024, "x");

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

/** A put with `overwrite` sends its PUT request at once. Others first send a HEAD request, whose errors have no body. */
const PUTS = [
  [small, true],
  [large, false],
] as const;

describe("a put in one request, and one in parts", () => {
  const answers: [string, number, string][] = [
    ["ExpiredToken", 400, "the credentials have expired"],
    ["AuthorizationHeaderMalformed", 400, "the region is wrong: set AWS_REGION to the bucket's"],
    ["PermanentRedirect", 301, "the bucket is in another region: set AWS_REGION to it"],
    ["SignatureDoesNotMatch", 403, "the secret access key is wrong"],
    ["QuotaExceeded", 507, "the quota of the bucket or its owner is used up"],
    ["XMinioStorageFull", 507, "the server's storage is full"],
    ["InsufficientStorage", 507, "the server's storage is full"],
    ["AccessDenied", 403, "access denied: the credentials lack the permission"],
  ];
  test.each(answers)("names the same reason where the server answers %s", async (code, status, says) => {
    const { client, endpoint } = await s3.through(() => ({
      kind: "answer",
      status,
      body: errorXml(code, "why"),
    }));
    for (const [bytes, overwrite] of PUTS) {
      const error = await failure(putObjectToS3(bytes, { bucket: "b-b", filename, client, overwrite }));
      expect(error.message).toBe(`s3://b-b/${filename} at ${endpoint}: ${says} (${code}: why)`);
    }
  });

  const settings: [string, ClientSettings, string][] = [
    [
      "the secret is wrong",
      { secretAccessKey: "wrong" },
      "the secret access key is wrong (SignatureDoesNotMatch",
    ],
    [
      "the access key is unknown",
      { accessKeyId: "nobody" },
      "the access key is not known (InvalidAccessKeyId",
    ],
  ];
  test.each(settings)("names the same reason where %s", async (_, given, says) => {
    const bucket = await s3.bucket();
    const client = s3.clientWith(given);
    for (const [bytes, overwrite] of PUTS) {
      const error = await failure(putObjectToS3(bytes, { bucket, filename, client, overwrite }));
      expect(error.message.replace(" to the server", "")).toContain(says);
    }
  });
});

describe("a HEAD request that fails", () => {
  test.each([
    ["the GET request succeeds", { kind: "pass" }],
    ["the GET request fails for another reason", { kind: "answer", status: 503 }],
  ] as const)("keeps its own error when %s", async (_, fault) => {
    const bucket = await s3.bucket();
    await putObjectToS3(small, { bucket, filename, client: s3.client });
    const { client, requests } = await s3.through(
      ({ method }) => (method === "HEAD" ? { kind: "answer", status: 403 } : fault),
      { limits: { retries: 0 } },
    );
    const error = await failure(putObjectToS3(large, { bucket, filename, client }));
    expect(error.message).toMatch(/: access denied: the credentials are refused( \(\w+\))?$/);
    expect(requests.slice(0, 2).map((request) => request.split(" ")[0])).toEqual(["HEAD", "GET"]);
  });
});
