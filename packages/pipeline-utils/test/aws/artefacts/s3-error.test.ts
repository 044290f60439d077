import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";

import { findLatestArtefactOnS3 } from "../../../src/aws/artefacts/find-latest.js";
import { putObjectToS3 } from "../../../src/aws/artefacts/put/put-object.js";
import { translateS3Error } from "../../../src/aws/artefacts/s3-error.js";
import type { RetryEvent } from "../../../src/aws/client-retry.js";
import { ArtefactExistsError, ArtefactNotFoundError, S3AccessError } from "../../../src/errors.js";
import { startFaultProxy } from "../../support/fault-proxy.js";
import type { Fault, FaultProxy, ProxiedRequest } from "../../support/fault-proxy.js";
import { putPlain, startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

const filename = "sales_2021-07-03T23:05:32.csv";

let s3: TestS3;
let bucket: string;
let proxy: FaultProxy | undefined;
beforeAll(async () => {
  s3 = await startTestS3();
  bucket = await s3.bucket();
  await putPlain(s3.client, bucket, filename);
});
afterEach(async () => {
  await proxy?.stop();
  proxy = undefined;
});
afterAll(() => s3.stop());

async function failure(promise: Promise<unknown>): Promise<S3AccessError> {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(S3AccessError);
  if (!(error instanceof S3AccessError)) throw new Error("unreachable");
  expect(error.message).not.toContain("\n");
  expect(error.message.startsWith("s3://")).toBe(true);
  if (!error.message.includes("the answer is not a listing")) expect(error.cause).toBeDefined();
  // All of them are behind an endpoint override; nothing within the brackets ends as a sentence does.
  expect(error.message).toMatch(/^s3:\/\/\S+( after \d+ of \d+ bytes)? at http:\/\/\S+:\d+: /);
  expect(error.message).not.toMatch(/\.,|\.\)|requestHandler|Unknown|TimeoutError: read/);
  return error;
}

const xml = (code: string, message = "…"): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

async function through(
  decide: (request: ProxiedRequest) => Fault | Promise<Fault>,
  retries: RetryEvent[] = [],
): Promise<ReturnType<TestS3["clientWith"]>> {
  proxy = await startFaultProxy(s3.endpoint, decide);
  return s3.clientWith({
    endpoint: proxy.endpoint,
    idleMilliseconds: 700,
    onRetry: (event) => retries.push(event),
  });
}

describe("what fails on a real server is told in one line", () => {
  test("a missing bucket", async () => {
    const error = await failure(findLatestArtefactOnS3("csv", "no-such-bucket-here", { client: s3.client }));
    expect(error.message).toMatch(
      /^s3:\/\/no-such-bucket-here\/ at http:\/\/\S+:\d+: the bucket does not exist \(NoSuchBucket/,
    );
    expect(error.retryable).toBe(false);
  });

  test("a missing bucket, on writing", async () => {
    const put = putObjectToS3(Buffer.from("x"), {
      bucket: "no-such-bucket-here",
      filename,
      client: s3.client,
    });
    const error = await failure(put);
    expect(error.message).toContain("the bucket does not exist");
  });

  test("a wrong secret key", async () => {
    const client = s3.clientWith({ secretAccessKey: "wrong" });
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toContain("the secret access key is wrong (SignatureDoesNotMatch");
    expect(error.retryable).toBe(false);
  });

  test("an unknown access key", async () => {
    const client = s3.clientWith({ accessKeyId: "nobody" });
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toContain("the access key is not known to the server (InvalidAccessKeyId");
    expect(error.retryable).toBe(false);
  });

  test("a server that is down", async () => {
    const down = await startFaultProxy(s3.endpoint, () => ({ kind: "pass" }));
    await down.stop();
    const retries: RetryEvent[] = [];
    const client = s3.clientWith({ endpoint: down.endpoint, onRetry: (event) => retries.push(event) });
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toMatch(
      /the server refuses connections: is it running, .*ECONNREFUSED 127.0.0.1:\d+, after 3 attempts/,
    );
    expect(error.retryable).toBe(true);
    expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(retries[0]?.message).toMatch(/^S3 attempt 1 failed, next in \d+ ms: /);
  });

  test("a server whose name is not known", async () => {
    const client = s3.clientWith({ endpoint: "http://no-such-host.invalid:9000" });
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toMatch(/name cannot be resolved/);
    expect(error.retryable).toBe(true);
  });

  test("a folder with nothing in it", async () => {
    const search = findLatestArtefactOnS3("csv", bucket, {
      folder: "empty",
      filenamePrefix: "sales",
      client: s3.client,
    });
    await expect(search).rejects.toThrow(ArtefactNotFoundError);
    await expect(search).rejects.toThrow(`s3://${bucket}/empty/: no timestamped .csv file named "sales"`);
  });
});

describe("what a server may answer is told in one line", () => {
  const answers: [string, Fault, RegExp, boolean, number][] = [
    [
      "not allowed",
      { kind: "answer", status: 403, body: xml("AccessDenied") },
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
      { kind: "answer", status: 403, body: xml("InvalidObjectState") },
      /the object is archived: restore it first/,
      false,
      1,
    ],
    [
      "too slow for the server",
      { kind: "answer", status: 400, body: xml("RequestTimeout") },
      /the connection was silent for too long for the server .*after 3 attempts/,
      true,
      3,
    ],
    [
      "expired",
      { kind: "answer", status: 400, body: xml("ExpiredToken") },
      /the credentials have expired/,
      false,
      1,
    ],
    [
      "region, by its code",
      { kind: "answer", status: 400, body: xml("AuthorizationHeaderMalformed", "expecting 'eu-west-1'") },
      /the region is wrong: .*expecting 'eu-west-1'/,
      false,
      1,
    ],
    [
      "region, by redirect",
      { kind: "answer", status: 301, body: xml("PermanentRedirect") },
      /in another region: set AWS_REGION/,
      false,
      1,
    ],
    [
      "clock",
      {
        kind: "answer",
        status: 403,
        body: xml("RequestTimeTooSkewed"),
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
      { kind: "answer", status: 500, body: xml("InternalError") },
      /the server failed with status 500 .*after 3 attempts/,
      true,
      3,
    ],
    [
      "503",
      { kind: "answer", status: 503, body: xml("SlowDown") },
      /the server asks to slow down .*after 3 attempts/,
      true,
      3,
    ],
    ["a cut connection", { kind: "reset" }, /the connection was cut .*after 3 attempts/, true, 3],
    ["silence", { kind: "hang" }, /the server did not answer in time .*after 3 attempts/, true, 3],
  ];

  test.each(answers)("%s", async (_, fault, message, retryable, requests) => {
    const client = await through(() => fault);
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toMatch(message);
    expect(error.retryable).toBe(retryable);
    expect(proxy?.requests).toHaveLength(requests);
  });

  test("a passing fault costs a retry and nothing else", async () => {
    const retries: RetryEvent[] = [];
    const client = await through(
      ({ count }) =>
        count === 1 ? { kind: "answer", status: 503, body: xml("SlowDown") } : { kind: "pass" },
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
  ])("%s in place of a listing", async (_, body) => {
    const client = await through(() => ({
      kind: "answer",
      status: 200,
      body,
      headers: { "content-type": "text/html" },
    }));
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { folder: "datasets", client }));
    expect(error.message).toBe(
      `s3://${bucket}/datasets/ at ${proxy?.endpoint}: the answer is not a listing: is that an S3 server?`,
    );
    expect(error.retryable).toBe(false);
    expect(proxy?.requests).toHaveLength(1);
  });

  test("a fault without a name, in the report of the retry too", async () => {
    const retries: RetryEvent[] = [];
    const client = await through(() => ({ kind: "answer", status: 502, body: "<html/>" }), retries);
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toBe(
      `s3://${bucket}/ at ${proxy?.endpoint}: the server failed with status 502 (after 3 attempts)`,
    );
    expect(retries.map(({ message }) => message.replace(/\d+ ms/, "N ms"))).toEqual([
      "S3 attempt 1 failed, next in N ms: the server failed with status 502",
      "S3 attempt 2 failed, next in N ms: the server failed with status 502",
    ]);
  });

  test("a cut connection, in the report of the retry too", async () => {
    const retries: RetryEvent[] = [];
    const client = await through(() => ({ kind: "reset" }), retries);
    await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(retries[0]?.message).toMatch(/: the connection was cut \(ECONNRESET: [^)]+\)$/);
  });

  test("page 2 that is refused is no end of the listing", async () => {
    const page1 =
      "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>2</NextContinuationToken>" +
      `<Contents><Key>${filename}</Key><ETag>&quot;e&quot;</ETag></Contents></ListBucketResult>`;
    const client = await through(({ count }) =>
      count === 1
        ? { kind: "answer", status: 200, body: page1 }
        : { kind: "answer", status: 403, body: xml("AccessDenied") },
    );
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client, recursive: true }));
    expect(error.message).toContain("access denied");
  });
});

describe("a write", () => {
  test("whose answer is lost is known for its own", async () => {
    const client = await through(({ method, count }) =>
      method === "PUT" && count === 1 ? { kind: "lose-answer" } : { kind: "pass" },
    );
    const artefact = await putObjectToS3(Buffer.from("once"), {
      bucket,
      filename: "lost_2021-07-03.csv",
      client,
    });
    expect(proxy?.requests.filter((request) => request.startsWith("PUT"))).toHaveLength(2);
    const there = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: artefact.key }));
    expect(await there.Body?.transformToString()).toBe("once");
  });

  test("in parts, whose completion's answer is lost, is known for its own", async () => {
    let lost = false;
    const client = await through(({ method, url }) => {
      const isFirstCompletion = method === "POST" && url.includes("uploadId=") && !lost;
      if (isFirstCompletion) lost = true;
      return { kind: isFirstCompletion ? "lose-answer" : "pass" };
    });
    const artefact = await putObjectToS3(Buffer.alloc(9 * 1024 * 1024), {
      bucket,
      filename: "parts_2021-07-03.csv",
      client,
    });
    expect(lost).toBe(true);
    expect(artefact.etag).toMatch(/-2$/);
  });

  test.each([
    ["in one request", 1000],
    ["in parts", 9 * 1024 * 1024],
  ])("%s, whose answer has no ETag, has it asked for", async (_, size) => {
    const client = await through(({ method, url }) => {
      if (method === "PUT" && !url.includes("uploadId")) return { kind: "drop-header", name: "etag" };
      if (method !== "POST" || !url.includes("uploadId")) return { kind: "pass" };
      const change = (body: Buffer): Buffer =>
        Buffer.from(body.toString().replace(/<ETag>.*<\/ETag>/, "<ETag></ETag>"));
      return { kind: "change-body", change };
    });
    const options = { bucket, filename: `silent-${size}_2021-07-03.csv`, client };
    const { key, etag } = await putObjectToS3(Buffer.alloc(size), options);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect(head.ETag).toBe(`"${etag}"`);
    expect(proxy?.requests.filter((request) => request.startsWith("HEAD"))).not.toHaveLength(0);
  });

  test.each([
    ["in one request", 1000, ""],
    ["in parts", 9 * 1024 * 1024, ", part \\d"],
  ])("%s, of which the server tells no ETag at all, is an error", async (_, size, part) => {
    const client = await through(() => ({ kind: "drop-header", name: "etag" }));
    const put = putObjectToS3(Buffer.alloc(size), {
      bucket,
      filename: `mute-${size}_2021-07-03.csv`,
      client,
    });
    await expect(put).rejects.toThrow(
      new RegExp(`^s3://${bucket}/mute-${size}_2021-07-03.csv${part}: the server tells no ETag of it`),
    );
    await expect(put).rejects.toThrow(S3AccessError);
  });

  test("in parts, one of which is refused, leaves nothing behind", async () => {
    const client = await through(({ url }) =>
      url.includes("partNumber=2")
        ? { kind: "answer", status: 403, body: xml("AccessDenied") }
        : { kind: "pass" },
    );
    const put = putObjectToS3(Buffer.alloc(9 * 1024 * 1024), {
      bucket,
      filename: "refused_2021-07-03.csv",
      client,
    });
    expect((await failure(put)).message).toContain("access denied");
    expect(proxy?.requests.at(-1)).toMatch(/^DELETE .*uploadId=/);
  });

  test("that meets another one under way tries again", async () => {
    const conflict: Fault = { kind: "answer", status: 409, body: xml("ConditionalRequestConflict") };
    const client = await through(({ method, count }) =>
      method === "PUT" && count <= 2 ? conflict : { kind: "pass" },
    );
    await putObjectToS3(Buffer.from("x"), { bucket, filename: "conflict_2021-07-03.csv", client });
    const second = putObjectToS3(Buffer.from("y"), { bucket, filename: "conflict_2021-07-03.csv", client });
    await expect(second).rejects.toThrow(ArtefactExistsError);
  });
});

test("a call is given up at the caller's signal, with its reason", async () => {
  const client = await through(() => ({ kind: "hang" }));
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

test("faults that lie on this machine are told too", () => {
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
