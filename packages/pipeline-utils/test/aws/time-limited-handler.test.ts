import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { findLatestArtefactOnS3, putObjectToS3 } from "@ml-pipelines/pipeline-utils/aws";
import { getObject } from "../../src/aws/artefacts/get/get-object.js";
import { headObject } from "../../src/aws/artefacts/metadata.js";
import { TimeLimitedHandler } from "../../src/aws/time-limited-handler.js";
import type { Fault } from "@ml-pipelines/test-support/fault-proxy";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../support/test-s3.js";
import type { TestS3 } from "../support/test-s3.js";

const filename = "sales_2021-07-03.csv";
let s3: TestS3;
let bucket: string;
beforeAll(async () => {
  s3 = await startTestS3();
  bucket = await s3.bucket();
  await putPlain(s3.client, bucket, filename);
});
afterAll(() => s3.stop());

/** A client as programs have it, but that its attempts end sooner. */
async function through(fault: Fault): Promise<S3Client> {
  const { client } = await s3.through(() => fault, { idleMilliseconds: 700 });
  const { requestHandler } = client.config;
  client.config.requestHandler = new TimeLimitedHandler(requestHandler, requestHandler, 300);
  return client;
}

const calls: [string, (client: S3Client) => Promise<unknown>][] = [
  ["listing", (client) => findLatestArtefactOnS3("csv", bucket, { client })],
  ["head", (client) => headObject(client, bucket, filename, {})],
  ["put", (client) => putObjectToS3(Buffer.from("x"), { bucket, filename, client, overwrite: true })],
];

test.each(calls)("ends a %s when the headers never end", async (_, call) => {
  const client = await through({ kind: "drip", part: "headers" });
  await expect(call(client)).rejects.toMatchObject({
    message: expect.stringMatching(
      /at http:\/\/\S+: the server did not answer in time \(.*300 ms.*, after 3 attempts\)$/,
    ) as unknown,
    retryable: true,
  });
});

test.each([calls[0]!, calls[2]!])("ends a %s when the body never ends", async (_, call) => {
  const client = await through({ kind: "drip", part: "body" });
  await expect(call(client)).rejects.toMatchObject({
    message: expect.stringMatching(
      /the server did not answer in time \(.*300 ms.*after 3 attempts\)$/,
    ) as unknown,
    retryable: true,
  });
});

test("allows a download as long as bytes come", async () => {
  const client = await through({ kind: "drip", part: "body" });
  const body = await getObject({ bucket, key: filename }, { client });
  const signal = AbortSignal.timeout(900);
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Three times the limit.
    if (signal.aborted) {
      break;
    }
  }
  expect(bytes).toBeGreaterThan(10);
});
