import { randomBytes } from "node:crypto";

import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { readAll } from "../../../../src/aws/artefacts/get/body.js";
import { getObject } from "../../../../src/aws/artefacts/get/get-object.js";
import type { Fault } from "@ml-pipelines/test-support/fault-proxy";
import { putParts } from "../../../support/put-parts.js";
import { startTestS3 } from "../../../support/test-s3.js";
import type { TestS3 } from "../../../support/test-s3.js";

const MIB = 1024 * 1024;
const body = randomBytes(13 * MIB);
const cut = (...at: number[]): Buffer[] =>
  [...at, body.length].map((end, i) => body.subarray(at[i - 1] ?? 0, end));
const PASS: Fault = { kind: "pass" };

let s3: TestS3;
let bucket: string;
/** Ceph's radosgw 16 is one that does not. */
let tellsOfParts = true;
beforeAll(async () => {
  s3 = await startTestS3();
  bucket = await s3.bucket();
  await putParts(s3.client, bucket, "even.csv", cut(5 * MIB, 10 * MIB));
  await putParts(s3.client, bucket, "uneven.csv", cut(5 * MIB, 11 * MIB));
  await putParts(s3.client, bucket, "one.csv", [body]);
  const part = await s3.client.send(
    new HeadObjectCommand({ Bucket: bucket, Key: "even.csv", PartNumber: 1 }),
  );
  tellsOfParts = part.PartsCount !== undefined;
  if (process.env.S3_TEST_ENDPOINT === undefined) {
    expect(tellsOfParts).toBe(true);
  }
  if (!tellsOfParts) {
    process.stderr.write("SKIPPED: the server tells nothing of the parts of an object\n");
  }
});
afterAll(() => s3.stop());

/** The object's bytes, and the requests that it took. */
async function readThrough(
  key: string,
  get: Fault,
  head: Fault = PASS,
): Promise<{ bytes: Uint8Array; requests: string[] }> {
  const { client, requests } = await s3.through(({ method }) => (method === "HEAD" ? head : get));
  return { bytes: await readAll(await getObject({ bucket, key }, { client })), requests };
}
const isWhole = ({ bytes }: { bytes: Uint8Array }): boolean => Buffer.compare(bytes, body) === 0;

describe("an object that another program uploaded in parts", () => {
  test.each(["even.csv", "uneven.csv", "one.csv"])("returns the bytes of %s", async (key) => {
    expect(isWhole(await readThrough(key, PASS))).toBe(true);
  });

  const CHANGES: [string, (whole: Buffer) => Buffer][] = [
    ["flipped", (whole) => Buffer.concat([Buffer.of(whole[0]! ^ 1), whole.subarray(1)])],
    ["truncated", (whole) => whole.subarray(0, 7 * MIB)],
    ["padded", (whole) => Buffer.concat([whole, whole])],
  ];
  test.each(CHANGES)("rejects a body that came %s when the parts are equal", async (_name, change) => {
    for (const key of tellsOfParts ? ["even.csv", "one.csv"] : []) {
      await expect(readThrough(key, { kind: "change-body", change })).rejects.toThrow(
        /(?:even|one)\.csv: damaged: its ETag is [0-9a-f]{32}-[13], its bytes give [0-9a-f]{32}-\d$/,
      );
    }
  });

  test("returns the body by its length when the server reports no parts", async () => {
    for (const head of [
      { kind: "answer", status: 501 },
      { kind: "drop-header", name: "x-amz-mp-parts-count" },
    ] as const) {
      expect(isWhole(await readThrough("even.csv", PASS, head))).toBe(true);
    }
  });

  test("requests one part's size, and those of all parts only when the bytes disagree", async () => {
    if (!tellsOfParts) {
      return;
    }
    expect((await readThrough("even.csv", PASS)).requests).toEqual([
      expect.stringMatching(/^GET .*even\.csv/),
      expect.stringMatching(/^HEAD .*even\.csv\?partNumber=1$/),
    ]);
    const { requests } = await readThrough("uneven.csv", PASS);
    const heads = requests.filter((request) => request.startsWith("HEAD"));
    expect(heads).toEqual([1, 1, 2].map((part) => expect.stringMatching(`partNumber=${part}$`)));
  });
});
