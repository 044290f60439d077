import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { ArtefactChangedError, findLatestArtefactOnS3 } from "@ml-pipelines/pipeline-utils/aws";
import type { VerifiedBody } from "@ml-pipelines/pipeline-utils/aws";
import { faultOn } from "@ml-pipelines/test-support/fault-proxy";
import { readAll } from "../../../../src/aws/artefacts/get/body.js";
import { startTestS3 } from "../../../support/test-s3.js";
import type { TestS3 } from "../../../support/test-s3.js";

const bytes = Buffer.from("a,b\n1,2\n");

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

/** The body of an object that another program wrote, from a server that adds a checksum. */
async function bodyWith(checksum: string, metadata: Record<string, string> = {}): Promise<VerifiedBody> {
  const bucket = await s3.bucket();
  const Key = "sales_2021-07-03.csv";
  await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: bytes, Metadata: metadata }));
  const { client } = await s3.through(
    faultOn(
      ({ method, url }) => method === "GET" && !url.includes("list-type"),
      () => ({ kind: "set-header", name: `x-amz-checksum-${checksum}`, value: "AAAAAAAAAAA=" }),
    ),
  );
  return (await findLatestArtefactOnS3("csv", bucket, { client })).get();
}

describe.each(["xxhash64", "xxhash3", "xxhash128", "sha512", "md5"])(
  "an object with the checksum %s",
  (name) => {
    test("is read by the hash of this package, because the SDK does not compute it", async () => {
      expect(await readAll(await bodyWith(name))).toEqual(bytes);
    });

    test("is rejected when that hash differs", async () => {
      const body = await bodyWith(name, { sha256: "0".repeat(64) });
      await expect(readAll(body)).rejects.toThrow(ArtefactChangedError);
      await expect(readAll(await bodyWith(name, { sha256: "0".repeat(64) }))).rejects.toThrow(
        /damaged: its sha256 is 0{64}, its bytes give [0-9a-f]{64}$/,
      );
    });
  },
);

test.each([
  ["in base64", Buffer.alloc(32).toString("base64")],
  ["of another length", "0".repeat(63)],
  ["of a tool that leaves it empty", ""],
])("ignores a sha256 in the metadata %s, and checks the ETag", async (_, sha256) => {
  expect(await readAll(await bodyWith("md5", { sha256 }))).toEqual(bytes);
});

test("rejects an object whose checksum the SDK computes and finds different", async () => {
  await expect(readAll(await bodyWith("crc32"))).rejects.toThrow(/damaged: checksum mismatch/i);
});
