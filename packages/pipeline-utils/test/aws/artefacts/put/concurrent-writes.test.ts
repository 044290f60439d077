import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import {
  ArtefactExistsError,
  createS3Client,
  putObjectToS3,
  S3AccessError,
} from "@ml-pipelines/pipeline-utils/aws";
import type { RetryEvent, S3TimestampedArtefact } from "@ml-pipelines/pipeline-utils/aws";
import { faultOn } from "@ml-pipelines/test-support/fault-proxy";
import type { Fault, ProxiedRequest } from "@ml-pipelines/test-support/fault-proxy";
import { bucketContents } from "../../../support/bucket-contents.js";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../../support/test-s3.js";
import type { ClientSettings, TestS3 } from "../../../support/test-s3.js";

const MIB = 1024 * 1024;
/** A connection that is silent for so long is dead, where the server has nothing large to store. */
const IDLE_MS = 1500;
const filename = "sales_2021-07-03T23:05:32.csv";
const bytes = Buffer.alloc(9 * MIB, "x");

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

async function expectOneWinner(writers: readonly Promise<S3TimestampedArtefact>[]): Promise<void> {
  const outcomes = await Promise.allSettled(writers);
  const losers = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason as unknown] : [],
  );
  expect(losers).toHaveLength(writers.length - 1);
  for (const error of losers) {
    expect(error).toBeInstanceOf(ArtefactExistsError);
  }
}

describe("several writers of one key", () => {
  test("accepts one of them for a small object", async () => {
    const bucket = await s3.bucket();
    const writers = Array.from({ length: 16 }, (_, i) =>
      putObjectToS3(Buffer.from(`writer ${i}`), { bucket, filename, client: s3.client }),
    );
    await expectOneWinner(writers);
  });

  // The SDK reads the environment when it sends, and tells nowhere that the endpoint came from there.
  test.each(["code", "environment"])(
    "accepts one of them for a large object, and leaves nothing of others; endpoint in the %s",
    async (where) => {
      const bucket = await s3.bucket();
      const { endpoint, accessKeyId, secretAccessKey } = s3;
      if (where === "environment") {
        process.env.AWS_ENDPOINT_URL_S3 = endpoint;
      }
      const config = { region: "us-east-1", credentials: { accessKeyId, secretAccessKey } };
      const client = where === "code" ? s3.client : createS3Client({ config });
      const writers = Array.from({ length: 4 }, () => putObjectToS3(bytes, { bucket, filename, client }));
      await expectOneWinner(writers).finally(() => delete process.env.AWS_ENDPOINT_URL_S3);
      expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [filename], uploads: 0 });
    },
  );
});

const isPut = ({ method }: ProxiedRequest): boolean => method === "PUT";
const isCompletion = ({ method, url }: ProxiedRequest): boolean =>
  method === "POST" && url.includes("uploadId=");
const unavailable: Fault = { kind: "answer", status: 503 };

/** A client of which some requests meet a fault, each time; `count` is of these requests. */
async function clientWithFaults(
  isHit: (request: ProxiedRequest) => boolean,
  faultOf: (count: number) => Fault | Promise<Fault>,
  settings: ClientSettings = {},
): Promise<TestS3["client"]> {
  return (await s3.through(faultOn(isHit, faultOf), settings)).client;
}

describe("a writer that fails while another takes the key", () => {
  test.each([
    ["the object", Buffer.from("x"), isPut],
    ["a part", bytes, ({ url }: ProxiedRequest) => url.includes("partNumber=2")],
    ["the beginning of the upload", bytes, ({ url }: ProxiedRequest) => url.includes("?uploads")],
    ["the claim", bytes, (request: ProxiedRequest) => isPut(request) && request.url.includes(".claim")],
    ["the completion", bytes, isCompletion],
  ])("reports the taken key when the server cannot accept %s", async (_, body, isHit) => {
    const bucket = await s3.bucket();
    const client = await clientWithFaults(isHit, async (count) => {
      if (count === 1) {
        await putPlain(s3.client, bucket, filename, "of the other");
      }
      return unavailable;
    });
    const put = putObjectToS3(body, { bucket, filename, client });
    await expect(put).rejects.toThrow(`s3://${bucket}/${filename} exists already`);
    await expect(put).rejects.toMatchObject({
      name: "ArtefactExistsError",
      cause: { name: "S3AccessError", message: expect.stringContaining("status 503") as unknown },
    });
    expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [filename], uploads: 0 });
  });

  test("reports denied access when it may not write, since overwrite would not help", async () => {
    const bucket = await s3.bucket();
    const client = await clientWithFaults(isPut, async () => {
      await putPlain(s3.client, bucket, filename);
      return { kind: "answer", status: 403 };
    });
    const put = putObjectToS3(Buffer.from("x"), { bucket, filename, client });
    await expect(put).rejects.toThrow(S3AccessError);
    await expect(put).rejects.toThrow("access denied");
  });

  test("reports its own failure when nobody has taken the key", async () => {
    const bucket = await s3.bucket();
    const client = await clientWithFaults(isCompletion, () => unavailable);
    const put = putObjectToS3(bytes, { bucket, filename, client });
    await expect(put).rejects.toMatchObject({ name: "S3AccessError", retryable: true });
    expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [], uploads: 0 });
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html, ConditionalRequestConflict
describe("a conflict with another conditional write", () => {
  const conflict: Fault = {
    kind: "answer",
    status: 409,
    body: "<Error><Code>ConditionalRequestConflict</Code><Message>in conflict</Message></Error>",
  };
  const both: [string, Buffer, (request: ProxiedRequest) => boolean][] = [
    ["one request", Buffer.from("x"), isPut],
    ["parts", bytes, isCompletion],
  ];

  test.each(both)("retries a put in %s until the conflict ends", async (_, body, isHit) => {
    const bucket = await s3.bucket();
    const client = await clientWithFaults(isHit, (count) => (count <= 2 ? conflict : { kind: "pass" }));
    await putObjectToS3(body, { bucket, filename, client });
    expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [filename], uploads: 0 });
  });

  test.each(both)("rejects a put in %s when the other writer wins", async (_, body, isHit) => {
    const bucket = await s3.bucket();
    const client = await clientWithFaults(isHit, async (count) => {
      if (count === 2) {
        await putPlain(s3.client, bucket, filename, "of the other");
      }
      return conflict;
    });
    await expect(putObjectToS3(body, { bucket, filename, client })).rejects.toThrow(ArtefactExistsError);
    expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [filename], uploads: 0 });
  });

  test("allows a retry when the conflict has cost the upload", async () => {
    const bucket = await s3.bucket();
    const gone = { kind: "answer", status: 404, body: "<Error><Code>NoSuchUpload</Code></Error>" } as const;
    const client = await clientWithFaults(isCompletion, (count) => (count === 1 ? conflict : gone));
    await expect(putObjectToS3(bytes, { bucket, filename, client })).rejects.toMatchObject({
      message: expect.stringContaining("the upload in parts was aborted, or completed already") as unknown,
      retryable: true,
    });
  });
});

test("returns the artefact though its ETag cannot be requested", async () => {
  const bucket = await s3.bucket();
  let isWritten = false;
  const isAfter = (request: ProxiedRequest): boolean => {
    if (isCompletion(request)) {
      isWritten = true;
    }
    return isWritten && (isCompletion(request) || request.method === "HEAD");
  };
  // As radosgw answers.
  const withoutEtag = (body: Buffer): Buffer =>
    Buffer.from(body.toString().replace(/<ETag>.*<\/ETag>/, "<ETag></ETag>"));
  const client = await clientWithFaults(isAfter, (count) =>
    count === 1 ? { kind: "change-body", change: withoutEtag } : unavailable,
  );
  const { etag } = await putObjectToS3(bytes, { bucket, filename, client });
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }));
  expect(Contents.map(({ Key, ETag }) => [Key, ETag])).toEqual([[filename, `"${etag}"`]]);
});

test.each([
  ["a part", ({ url }: ProxiedRequest) => url.includes("partNumber=2")],
  ["the completion", isCompletion],
])("waits for a server that works on %s for long", async (_, isHit) => {
  const bucket = await s3.bucket();
  const retries: RetryEvent[] = [];
  const client = await clientWithFaults(
    isHit,
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 2 * IDLE_MS));
      return { kind: "pass" };
    },
    { onRetry: (event) => retries.push(event), limits: { idle: IDLE_MS } },
  );
  await putObjectToS3(bytes, { bucket, filename, client });
  expect(retries).toEqual([]);
});
