import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { findLatestArtefactOnS3, putObjectToS3 } from "@ml-pipelines/pipeline-utils/aws";
import type { RetryEvent } from "@ml-pipelines/pipeline-utils/aws";
import { translateS3Error } from "../../src/aws/s3-error.js";
import { errorXml } from "@ml-pipelines/test-support/error-xml";
import type { Decide, Fault } from "@ml-pipelines/test-support/fault-proxy";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../support/test-s3.js";
import type { FaultyS3, TestS3 } from "../support/test-s3.js";
import { failure } from "../support/s3-failure.js";

const filename = "sales_2021-07-03T23:05:32.csv";

let s3: TestS3;
let bucket: string;
beforeAll(async () => {
  s3 = await startTestS3();
  bucket = await s3.bucket();
  await putPlain(s3.client, bucket, filename);
});
afterAll(() => s3.stop());

/** A client that soon takes silence for death, with time for all attempts on a busy machine, and its requests. */
async function through(decide: Decide, retries: RetryEvent[] = []): Promise<FaultyS3> {
  const limits = { idle: 700, retries: 60_000 };
  return s3.through(decide, { limits, onRetry: (event) => retries.push(event) });
}

describe("a search on a failing server", () => {
  const answers: [string, Fault, RegExp, boolean, number][] = [
    [
      "not allowed",
      { kind: "answer", status: 403, body: errorXml("AccessDenied") },
      /access denied: the credentials lack the permission/,
      false,
      1,
    ],
    [
      "not allowed, without a reason",
      { kind: "answer", status: 403 },
      /access denied: the credentials are refused/,
      false,
      1,
    ],
    [
      "archived",
      { kind: "answer", status: 403, body: errorXml("InvalidObjectState") },
      /the object is archived: restore it first/,
      false,
      1,
    ],
    [
      "full",
      { kind: "answer", status: 403, body: errorXml("QuotaExceeded") },
      /the quota of the bucket or its owner is used up \(QuotaExceeded: …\)/,
      false,
      1,
    ],
    [
      "encrypted by a disabled key",
      { kind: "answer", status: 400, body: errorXml("KMS.DisabledException") },
      /the KMS key of the object is disabled: enable it, or name another one \(KMS.DisabledException: …\)/,
      false,
      1,
    ],
    [
      "asked for what the server cannot do",
      { kind: "answer", status: 501, body: errorXml("NotImplemented") },
      /the server does not have this operation \(NotImplemented: …\)/,
      false,
      1,
    ],
    [
      "too slow for the server",
      { kind: "answer", status: 400, body: errorXml("RequestTimeout") },
      /the connection was silent for too long for the server .*after 3 attempts/,
      true,
      3,
    ],
    [
      "expired",
      { kind: "answer", status: 400, body: errorXml("ExpiredToken") },
      /the credentials have expired/,
      false,
      1,
    ],
    [
      "region, by its code",
      {
        kind: "answer",
        status: 400,
        body: errorXml("AuthorizationHeaderMalformed", "expecting 'eu-west-1'"),
      },
      /the region is wrong: .*expecting 'eu-west-1'/,
      false,
      1,
    ],
    [
      "region, by redirect",
      { kind: "answer", status: 301, body: errorXml("PermanentRedirect") },
      /in another region: set AWS_REGION/,
      false,
      1,
    ],
    [
      "clock",
      {
        kind: "answer",
        status: 403,
        body: errorXml("RequestTimeTooSkewed"),
        headers: { date: new Date().toUTCString() },
      },
      /clock differs too much/,
      false,
      1,
    ],
    [
      "not found, by something else than S3",
      { kind: "answer", status: 404, body: "<html>" },
      /the server answers 404/,
      false,
      1,
    ],
    [
      "500",
      { kind: "answer", status: 500, body: errorXml("InternalError") },
      /the server failed with status 500 .*after 3 attempts/,
      true,
      3,
    ],
    [
      "503",
      { kind: "answer", status: 503, body: errorXml("SlowDown") },
      /the server asks to slow down .*after 3 attempts/,
      true,
      3,
    ],
    ["a cut connection", { kind: "reset" }, /the connection was cut .*after 3 attempts/, true, 3],
    ["silence", { kind: "hang" }, /the server did not answer in time .*after 3 attempts/, true, 3],
  ];

  test.each(answers)("names the cause in one line: %s", async (_, fault, message, retryable, attempts) => {
    const { client, requests } = await through(() => fault);
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toMatch(message);
    expect(error.retryable).toBe(retryable);
    expect(requests).toHaveLength(attempts);
  });

  test("retries once after a passing fault", async () => {
    const retries: RetryEvent[] = [];
    const { client } = await through(
      ({ count }) =>
        count === 1 ? { kind: "answer", status: 503, body: errorXml("SlowDown") } : { kind: "pass" },
      retries,
    );
    expect((await findLatestArtefactOnS3("csv", bucket, { client })).key).toBe(filename);
    expect(retries).toHaveLength(1);
  });

  test.each([
    ["a page that is XML", "<html><body>welcome</body></html>"],
    ["a page that is not", "<!doctype html><html><head><link></head><p>welcome</html>"],
    ["text", "welcome"],
    ["nothing", ""],
    ["half a listing", "<ListBucketResult><Name>b</Name>"],
  ])("rejects %s in place of a listing", async (_, body) => {
    const { client, endpoint, requests } = await through(() => ({
      kind: "answer",
      status: 200,
      body,
      headers: { "content-type": "text/html" },
    }));
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { folder: "datasets", client }));
    expect(error.message).toBe(
      `s3://${bucket}/datasets/ at ${endpoint}: the answer is not a listing: is that an S3 server?`,
    );
    expect(error.retryable).toBe(false);
    expect(requests).toHaveLength(1);
  });

  test("names the status when a fault has no name, also in the report of a retry", async () => {
    const retries: RetryEvent[] = [];
    const { client, endpoint } = await through(
      () => ({ kind: "answer", status: 502, body: "<html/>" }),
      retries,
    );
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toBe(
      `s3://${bucket}/ at ${endpoint}: the server failed with status 502 (after 3 attempts)`,
    );
    expect(retries.map(({ message }) => message.replace(/\d+ ms/, "N ms"))).toEqual([
      "S3 attempt 1 failed, next in N ms: the server failed with status 502",
      "S3 attempt 2 failed, next in N ms: the server failed with status 502",
    ]);
  });

  test("names a cut connection, also in the report of a retry", async () => {
    const retries: RetryEvent[] = [];
    const { client } = await through(() => ({ kind: "reset" }), retries);
    await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(retries[0]?.message).toMatch(/: the connection was cut \(ECONNRESET: [^)]+\)$/);
  });

  test("rejects a listing whose second page fails", async () => {
    const page1 =
      "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>2</NextContinuationToken>" +
      `<Contents><Key>${filename}</Key><ETag>&quot;e&quot;</ETag></Contents></ListBucketResult>`;
    const { client } = await through(({ count }) =>
      count === 1
        ? { kind: "answer", status: 200, body: page1 }
        : { kind: "answer", status: 403, body: errorXml("AccessDenied") },
    );
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client, recursive: true }));
    expect(error.message).toContain("access denied");
  });
});

test("rejects with the signal's reason when it is aborted", async () => {
  const { client } = await through(() => ({ kind: "hang" }));
  const signal = AbortSignal.timeout(50);
  await expect(findLatestArtefactOnS3("csv", bucket, { client, signal })).rejects.toMatchObject({
    name: "TimeoutError",
  });
  const put = putObjectToS3(Buffer.from("x"), {
    bucket,
    filename,
    client,
    signal: AbortSignal.abort(new Error("enough")),
  });
  await expect(put).rejects.toThrow("enough");
});

test("names faults of this machine", () => {
  const told = (name: string, message: string): string =>
    translateS3Error(Object.assign(new Error(message), { name }), "s3://b/k").message;
  expect(told("CredentialsProviderError", "Could not load credentials from any providers")).toBe(
    "s3://b/k: no credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or another source " +
      "(CredentialsProviderError: Could not load credentials from any providers)",
  );
  expect(told("Error", "Region is missing")).toBe(
    "s3://b/k: no usable region: set AWS_REGION (Region is missing)",
  );
});
