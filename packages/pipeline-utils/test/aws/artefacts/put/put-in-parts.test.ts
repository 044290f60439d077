import { runInNewContext } from "node:vm";

import { UploadPartCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";

import { putObjectToS3, SerialisationError } from "@ml-pipelines/pipeline-utils/aws";
import type { RetryEvent } from "@ml-pipelines/pipeline-utils/aws";
import { errorXml } from "@ml-pipelines/test-support/error-xml";
import { faultOnFirst } from "@ml-pipelines/test-support/fault-proxy";
import type { Decide, Fault, ProxiedRequest } from "@ml-pipelines/test-support/fault-proxy";
import { uploadClient } from "../../../../src/aws/artefacts/put/upload-client.js";
import { bucketContents } from "../../../support/bucket-contents.js";
import { startTestS3 } from "../../../support/test-s3.js";
import type { TestS3 } from "../../../support/test-s3.js";

const MIB = 1024 * 1024;
const filename = "sales_2021-07-03.csv";
const bytes = Buffer.alloc(9 * MIB, "x");

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

const isPart = ({ url }: ProxiedRequest): boolean => url.includes("partNumber=2");
const isBeginning = ({ url }: ProxiedRequest): boolean => url.includes("?uploads");
const isAbort = ({ method, url }: ProxiedRequest): boolean =>
  method === "DELETE" && url.includes("uploadId=");

// An upload that reaches this part has sent 78 GiB.
test("rejects part 10,001 of an upload, before it is sent", async () => {
  const { client, requests } = await s3.through(() => ({ kind: "pass" }));
  const write = {
    client,
    bucket: "b-b",
    key: filename,
    overwrite: false,
    ifMatch: undefined,
    skipUnchanged: false,
    writeId: "id",
    signal: undefined,
    onProgress: () => undefined,
  };
  const faults: unknown[] = [];
  const upload = uploadClient(write, {
    onPart: () => undefined,
    onFault: (error) => faults.push(error),
    complete: () => Promise.resolve(),
  });
  const part = { Bucket: "b-b", Key: filename, UploadId: "u", PartNumber: 10_001, Body: Buffer.from("x") };
  const sent = upload.send(new UploadPartCommand(part));
  await expect(sent).rejects.toThrow(SerialisationError);
  await expect(sent).rejects.toThrow(
    `s3://b-b/${filename}: more than 10000 parts of 1 bytes; upload it from a file`,
  );
  expect(faults).toHaveLength(1);
  expect(requests).toEqual([]);
});

test("puts a key of S3's full length, which is too long for a claim's name", async () => {
  const bucket = await s3.bucket();
  const folder = "k".repeat(1024 - 1 - filename.length);
  await putObjectToS3(bytes, { bucket, folder, filename, client: s3.client });
  expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [`${folder}/${filename}`], uploads: 0 });
});

test("aborts an upload that begins while the caller's signal is aborted", async () => {
  const bucket = await s3.bucket();
  const controller = new AbortController();
  const { client } = await s3.through(
    faultOnFirst(isBeginning, () => {
      controller.abort(new Error("enough"));
      return { kind: "pass" };
    }),
  );
  const put = putObjectToS3(bytes, { bucket, filename, client, signal: controller.signal });
  await expect(put).rejects.toThrow("enough");
  expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [], uploads: 0 });
});

test("rejects soon after the signal when an upload never begins", async () => {
  const bucket = await s3.bucket();
  const { client } = await s3.through(faultOnFirst(isBeginning, () => ({ kind: "hang" })));
  const signal = AbortSignal.timeout(300);
  await expect(putObjectToS3(bytes, { bucket, filename, client, signal })).rejects.toMatchObject({
    name: "TimeoutError",
    message: "The operation was aborted due to timeout",
  });
});

test("sends a part again, and reports it, when it is cut after the SDK's retries", async () => {
  const bucket = await s3.bucket();
  const retries: RetryEvent[] = [];
  const late = async (): Promise<Fault> => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return { kind: "reset" };
  };
  const { client } = await s3.through(faultOnFirst(isPart, late), {
    limits: { retries: 500 },
    onRetry: (event) => retries.push(event),
  });
  await putObjectToS3(bytes, { bucket, filename, client });
  expect(retries.map(({ message }) => message)).toEqual([
    expect.stringMatching(/the connection was cut .*, part 2 is sent again in 200 ms$/),
  ]);
  expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [filename], uploads: 0 });
});

const hanging = async function* (first: Uint8Array): AsyncGenerator<Uint8Array> {
  yield first;
  await new Promise(() => undefined);
};

test.each([
  ["at once", Buffer.alloc(0)],
  ["within the first part", Buffer.alloc(1000)],
  ["after some parts", Buffer.alloc(20 * MIB)],
])("rejects soon after the signal when a source hangs %s", async (_, first) => {
  const bucket = await s3.bucket();
  const controller = new AbortController();
  setTimeout(() => {
    controller.abort(new Error("enough"));
  }, 1000);
  const put = putObjectToS3(hanging(first), {
    bucket,
    filename,
    client: s3.client,
    signal: controller.signal,
  });
  await expect(put).rejects.toThrow("enough");
  expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [], uploads: 0 });
});

test("reports a rejected part while the source hangs", async () => {
  const bucket = await s3.bucket();
  const { client } = await s3.through(faultOnFirst(isPart, () => ({ kind: "answer", status: 403 })));
  const put = putObjectToS3(hanging(Buffer.alloc(20 * MIB)), { bucket, filename, client });
  await expect(put).rejects.toThrow("access denied");
  expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [], uploads: 0 });
});

test("uploads bytes of another realm", async () => {
  const bucket = await s3.bucket();
  const foreign = runInNewContext("new Uint8Array(buffer)", {
    buffer: new Uint8Array(bytes).buffer,
  }) as Uint8Array;
  const { etag } = await putObjectToS3(foreign, { bucket, filename, client: s3.client });
  expect(etag).toBe(
    (await putObjectToS3(bytes, { bucket, folder: "own", filename, client: s3.client })).etag,
  );
});

describe("an upload that cannot begin, of a source that hangs", () => {
  test.each([
    [403, "AccessDenied", "access denied"],
    [404, "NoSuchBucket", "the bucket does not exist"],
    [404, "NoSuchKey", "no such object"],
  ])("reports an answer %i %s at once", async (status, code, message) => {
    const bucket = await s3.bucket();
    const { client } = await s3.through(
      faultOnFirst(
        ({ method, url }) => method === "POST" && url.includes("uploads"),
        () => ({ kind: "answer", status, body: errorXml(code) }),
      ),
    );
    const put = putObjectToS3(hanging(Buffer.alloc(20 * MIB)), { bucket, filename, client });
    await expect(put).rejects.toThrow(message);
  });

  test("reports a taken key at once", async () => {
    const bucket = await s3.bucket();
    await putObjectToS3(bytes.subarray(0, 1), { bucket, filename, client: s3.client });
    const put = putObjectToS3(hanging(Buffer.alloc(9 * MIB)), { bucket, filename, client: s3.client });
    await expect(put).rejects.toThrow("exists already");
  });
});

describe("an upload that fails and cannot be aborted", () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** A put of which a part is refused, and then its abort. */
  async function warningsAfter(fault: Fault): Promise<{ address: string; warnings: unknown[][] }> {
    const warn = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const bucket = await s3.bucket();
    const decide: Decide = (request) => {
      if (isPart(request)) {
        return { kind: "answer", status: 403 };
      }
      return isAbort(request) ? fault : { kind: "pass" };
    };
    const { client, requests } = await s3.through(decide, { idleMilliseconds: 700 });
    // The fault that ended the upload is told, whatever befalls its abort.
    await expect(putObjectToS3(bytes, { bucket, filename, client })).rejects.toThrow("access denied");
    const uploadId = /uploadId=([^&]+)/.exec(
      requests.find((request) => request.startsWith("DELETE")) ?? "",
    )?.[1];
    return { address: `s3://${bucket}/${filename}: the upload ${uploadId}`, warnings: warn.mock.calls };
  }

  test.each<[string, Fault, RegExp]>([
    [
      "refused",
      { kind: "answer", status: 403, body: errorXml("AccessDenied", "no") },
      /^access denied: the credentials lack the permission \(AccessDenied: no\)$/,
    ],
    ["never answered", { kind: "hang" }, /^the server did not answer in time/],
  ])("warns with the upload's name and advice when the abort is %s", async (_, fault, reason) => {
    const { address, warnings } = await warningsAfter(fault);
    expect(warnings).toEqual([[expect.any(String), "S3Upload"]]);
    const [before, after = ""] = String(warnings[0]?.[0]).split(" and cost storage: ");
    expect(before).toBe(`${address} could not be aborted, so its parts remain`);
    const [told, advice] = after.split("; ");
    expect(told).toMatch(reason);
    expect(advice).toBe(
      "abort it by hand, or by a lifecycle rule of the bucket (AbortIncompleteMultipartUpload)",
    );
  });

  test("gives no warning when the upload is already gone", async () => {
    const gone = { kind: "answer", status: 404, body: errorXml("NoSuchUpload") } as const;
    expect((await warningsAfter(gone)).warnings).toEqual([]);
  });
});
