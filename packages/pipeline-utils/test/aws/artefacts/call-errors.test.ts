import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import {
  ArtefactNotFoundError,
  findLatestArtefactOnS3,
  putObjectToS3,
} from "@ml-pipelines/pipeline-utils/aws";
import type { RetryEvent } from "@ml-pipelines/pipeline-utils/aws";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";
import { failure } from "../../support/s3-failure.js";

const filename = "sales_2021-07-03T23:05:32.csv";

let s3: TestS3;
let bucket: string;
beforeAll(async () => {
  s3 = await startTestS3();
  bucket = await s3.bucket();
  await putPlain(s3.client, bucket, filename);
});
afterAll(() => s3.stop());

describe("errors of a real server", () => {
  test("names a missing bucket", async () => {
    const error = await failure(findLatestArtefactOnS3("csv", "no-such-bucket-here", { client: s3.client }));
    expect(error.message).toMatch(
      /^s3:\/\/no-such-bucket-here\/ at http:\/\/\S+:\d+: the bucket does not exist \(NoSuchBucket/,
    );
    expect(error.retryable).toBe(false);
  });

  test("names a missing bucket on a write", async () => {
    const put = putObjectToS3(Buffer.from("x"), {
      bucket: "no-such-bucket-here",
      filename,
      client: s3.client,
    });
    const error = await failure(put);
    expect(error.message).toContain("the bucket does not exist");
  });

  test("names a wrong secret key", async () => {
    const client = s3.clientWith({ secretAccessKey: "wrong" });
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toContain("the secret access key is wrong (SignatureDoesNotMatch");
    expect(error.retryable).toBe(false);
  });

  test("names an unknown access key", async () => {
    const client = s3.clientWith({ accessKeyId: "nobody" });
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toContain("the access key is not known to the server (InvalidAccessKeyId");
    expect(error.retryable).toBe(false);
  });

  test("names a server that is down", async () => {
    const retries: RetryEvent[] = [];
    const onRetry = (event: RetryEvent): unknown => retries.push(event);
    const down = await s3.through(() => ({ kind: "pass" }), { onRetry });
    await down.stop();
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client: down.client }));
    expect(error.message).toMatch(
      /the server refuses connections: is it running, .*ECONNREFUSED 127.0.0.1:\d+, after 3 attempts/,
    );
    expect(error.retryable).toBe(true);
    expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(retries[0]?.message).toMatch(/^S3 attempt 1 failed, next in \d+ ms: /);
  });

  test("names a server whose name cannot be resolved", async () => {
    const client = s3.clientWith({ endpoint: "http://no-such-host.invalid:9000" });
    const error = await failure(findLatestArtefactOnS3("csv", bucket, { client }));
    expect(error.message).toMatch(/name cannot be resolved/);
    expect(error.retryable).toBe(true);
  });

  test("names a folder without a matching file", async () => {
    const search = findLatestArtefactOnS3("csv", bucket, {
      folder: "empty",
      filenamePrefix: "sales",
      client: s3.client,
    });
    await expect(search).rejects.toThrow(ArtefactNotFoundError);
    await expect(search).rejects.toThrow(`s3://${bucket}/empty/: no timestamped .csv file named "sales"`);
  });
});
