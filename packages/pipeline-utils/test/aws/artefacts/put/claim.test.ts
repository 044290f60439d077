import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { ArtefactExistsError, putObjectToS3, S3AccessError } from "@ml-pipelines/pipeline-utils/aws";
import { faultOn, faultOnFirst } from "@ml-pipelines/test-support/fault-proxy";
import type { Decide, ProxiedRequest } from "@ml-pipelines/test-support/fault-proxy";
import { bucketContents } from "../../../support/bucket-contents.js";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../../support/test-s3.js";
import type { TestS3 } from "../../../support/test-s3.js";

const filename = "sales_2021-07-03.csv";
const bytes = Buffer.alloc(9 * 1024 * 1024, "x");

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

const isOfClaim =
  (wanted: string) =>
  ({ method, url }: ProxiedRequest): boolean =>
    method === wanted && url.includes(".claim");

test("recognises its own claim when the answer is lost", async () => {
  const bucket = await s3.bucket();
  const { client } = await s3.through(faultOnFirst(isOfClaim("PUT"), () => ({ kind: "lose-answer" })));
  await putObjectToS3(bytes, { bucket, filename, client });
  expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [filename], uploads: 0 });
});

test("removes its claim after the caller's signal too", async () => {
  const bucket = await s3.bucket();
  const controller = new AbortController();
  // The server makes the claim; nothing of its answer comes.
  const { client } = await s3.through(
    faultOnFirst(isOfClaim("PUT"), () => ({ kind: "stall-body", after: 0 })),
  );
  setTimeout(() => {
    controller.abort(new Error("enough"));
  }, 1500);
  const put = putObjectToS3(bytes, { bucket, filename, client, signal: controller.signal });
  await expect(put).rejects.toThrow("enough");
  expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [], uploads: 0 });
});

describe("another writer's claim", () => {
  test("waits for the claim and keeps it", async () => {
    const bucket = await s3.bucket();
    await putPlain(s3.client, bucket, `${filename}.claim`);
    const put = putObjectToS3(bytes, { bucket, filename, client: s3.client });
    setTimeout(() => void putPlain(s3.client, bucket, filename), 1000);
    await expect(put).rejects.toThrow(ArtefactExistsError);
    expect((await bucketContents(s3.client, bucket)).keys).toEqual([filename, `${filename}.claim`]);
  });

  /** The message to a writer that waits for a claim in vain. */
  async function refusal(decide: Decide, { retryable = true } = {}): Promise<string> {
    const bucket = await s3.bucket();
    await putPlain(s3.client, bucket, `${filename}.claim`);
    const { client } = await s3.through(decide, { limits: { claim: 1000 } });
    const error: unknown = await putObjectToS3(bytes, { bucket, filename, client }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(S3AccessError);
    expect(error).toMatchObject({ retryable });
    expect(await bucketContents(s3.client, bucket)).toEqual({ keys: [`${filename}.claim`], uploads: 0 });
    return String(error).replaceAll(`s3://${bucket}/${filename}`, "KEY");
  }

  const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toUTCString();
  const madeAgo = (minutes: number): Decide =>
    faultOn(isOfClaim("HEAD"), () => ({ kind: "set-header", name: "last-modified", value: ago(minutes) }));

  test("advises to delete a claim only when its writer must have died", async () => {
    const [young, ahead, almost, old, other] = await Promise.all([
      refusal(() => ({ kind: "pass" })),
      refusal(madeAgo(-5)),
      refusal(madeAgo(29)),
      // No retry helps before somebody deletes it.
      refusal(madeAgo(31), { retryable: false }),
      // It has just gone; another will take it.
      refusal(faultOn(isOfClaim("HEAD"), () => ({ kind: "answer", status: 404 }))),
    ]);
    expect(young).toMatch(
      /^S3AccessError: KEY: another writer is completing it, or has died: KEY\.claim is from \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z, 0\.\d min ago; try again later, and delete it only when it is older than 30 min$/,
    );
    expect(ahead).toMatch(/: KEY\.claim is from .*Z, 0\.0 min ago; try again later/);
    expect(almost).toMatch(
      /: KEY\.claim is from .*Z, 29\.\d min ago; try again later, and delete it only when/,
    );
    expect(old).toMatch(
      /^S3AccessError: KEY: the writer that claimed it has died: KEY\.claim is from .*Z, 31\.\d min ago, and none is held for 30 min; delete it, then try again$/,
    );
    expect(other).toBe(
      "S3AccessError: KEY: other writers have held KEY.claim for 1 s, one after the other: try again later",
    );
  });
});
