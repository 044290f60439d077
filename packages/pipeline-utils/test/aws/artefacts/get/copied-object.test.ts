import { createHash, randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { findLatestArtefactOnS3 } from "@ml-pipelines/pipeline-utils/aws";
import { readAll } from "../../../../src/aws/artefacts/get/body.js";
import { getObject } from "../../../../src/aws/artefacts/get/get-object.js";
import { putParts } from "../../../support/put-parts.js";
import { startTestS3 } from "../../../support/test-s3.js";
import type { TestS3 } from "../../../support/test-s3.js";

const MIB = 1024 * 1024;
const large = randomBytes(9 * MIB);

let s3: TestS3;
let bucket: string;
beforeAll(async () => {
  s3 = await startTestS3();
  bucket = await s3.bucket();
});
afterAll(() => s3.stop());

describe("the body of a copied object", () => {
  test("passes by its sha256 when it was copied in another number of parts", async () => {
    const metadata = {
      sha256: createHash("sha256").update(large).digest("hex"),
      "part-size": String(8 * MIB),
    };
    await putParts(s3.client, bucket, "copied/a_2021-07-03.csv", [large], metadata);
    await putParts(s3.client, bucket, "damaged/a_2021-07-03.csv", [large.subarray(1)], metadata);
    const read = async (folder: string): Promise<Uint8Array> =>
      readAll(await (await findLatestArtefactOnS3("csv", bucket, { folder, client: s3.client })).get());
    expect(Buffer.compare(await read("copied"), large)).toBe(0);
    await expect(read("damaged")).rejects.toThrow("damaged: its sha256 is");
  });

  test("passes by its sha256 when it was copied in as many parts of another size", async () => {
    const metadata = {
      sha256: createHash("sha256").update(large).digest("hex"),
      "part-size": String(8 * MIB),
    };
    const inParts = [large.subarray(0, 6 * MIB), large.subarray(6 * MIB)];
    await putParts(s3.client, bucket, "copied-anew/a_2021-07-03.csv", inParts, metadata);
    await putParts(
      s3.client,
      bucket,
      "damaged-anew/a_2021-07-03.csv",
      [inParts[0]!, flip(inParts[1]!, 0)],
      metadata,
    );
    const read = async (folder: string): Promise<Uint8Array> =>
      readAll(await (await findLatestArtefactOnS3("csv", bucket, { folder, client: s3.client })).get());
    expect(Buffer.compare(await read("copied-anew"), large)).toBe(0);
    await expect(read("damaged-anew")).rejects.toThrow("damaged: its sha256 is");
  });

  test("rejects another ETag when parts have the recorded size and no sha256 exists", async () => {
    const key = "large/a_2021-07-03.csv";
    const inParts = [large.subarray(0, 8 * MIB), large.subarray(8 * MIB)];
    await putParts(s3.client, bucket, key, inParts, { "part-size": String(8 * MIB) });
    const body = await getObject({ bucket, key }, { client: s3.client });
    expect(Buffer.compare(await readAll(body), large)).toBe(0);

    const etag = `${"0".repeat(32)}-2`;
    const { client } = await s3.through(() => ({ kind: "set-header", name: "etag", value: `"${etag}"` }));
    const damaged = await getObject({ bucket, key }, { client });
    await expect(readAll(damaged)).rejects.toThrow(
      `damaged: its ETag is ${etag}, its bytes give ${body.etag}`,
    );
  });
});

function flip(body: Buffer, at: number): Buffer {
  const copy = Buffer.from(body);
  copy[at]! ^= 1;
  return copy;
}
