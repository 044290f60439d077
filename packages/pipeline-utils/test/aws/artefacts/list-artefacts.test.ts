import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import {
  findLatestArtefactOnS3,
  listArtefacts,
  S3TimestampedArtefact,
} from "@ml-pipelines/pipeline-utils/aws";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

describe("listArtefacts and findLatestArtefactOnS3", () => {
  test("lists more than a page newest first, and finds the latest", async () => {
    const bucket = await s3.bucket();
    const times = Array.from({ length: 1010 }, (_, i) =>
      new Date(Date.UTC(2021, 0, 1) + i * 3_600_000).toISOString().slice(0, 19),
    );
    for (let i = 0; i < times.length; i += 50) {
      await Promise.all(
        times.slice(i, i + 50).map((time) => putPlain(s3.client, bucket, `datasets/sales_${time}.csv`)),
      );
    }
    await putPlain(s3.client, bucket, "datasets/old/sales_2030-01-01.csv");
    await putPlain(s3.client, bucket, "datasets/sales_eu_2021-01-05T07:00:00.csv");
    await putPlain(s3.client, bucket, "datasets/sales_2029-01-01.json");
    const options = { folder: "datasets", client: s3.client };
    const listed: S3TimestampedArtefact[] = [];
    for await (const artefact of listArtefacts("csv", bucket, options)) {
      listed.push(artefact);
    }
    expect(listed).toHaveLength(1011);
    expect(listed).toEqual([...listed].sort((a, b) => S3TimestampedArtefact.compare(b, a)));
    const latest = await findLatestArtefactOnS3("csv", bucket, options);
    expect(latest.key).toBe(listed[0]?.key);
    expect(latest.key).toBe(`datasets/sales_${times.at(-1) ?? ""}.csv`);
    const eu = await findLatestArtefactOnS3("csv", bucket, { ...options, filenamePrefix: "sales_eu" });
    expect(eu.key).toBe("datasets/sales_eu_2021-01-05T07:00:00.csv");
    const below = await findLatestArtefactOnS3("csv", bucket, { ...options, recursive: true });
    expect(below.key).toBe("datasets/old/sales_2030-01-01.csv");
  });

  test("skips artefacts later than notAfter", async () => {
    const bucket = await s3.bucket();
    for (const day of ["2021-07-01", "2021-07-02", "2021-07-03", "2099-01-01"]) {
      await putPlain(s3.client, bucket, `a_${day}.csv`);
    }
    const options = { client: s3.client, notAfter: new Date("2021-07-02T00:00:00Z") };
    expect((await findLatestArtefactOnS3("csv", bucket, options)).key).toBe("a_2021-07-02.csv");
    const keys: string[] = [];
    for await (const { key } of listArtefacts("csv", bucket, options)) {
      keys.push(key);
    }
    expect(keys).toEqual(["a_2021-07-02.csv", "a_2021-07-01.csv"]);
    const none = findLatestArtefactOnS3("csv", bucket, { ...options, notAfter: new Date(0) });
    await expect(none).rejects.toThrow("no timestamped .csv file");
    const invalid = findLatestArtefactOnS3("csv", bucket, { ...options, notAfter: new Date(NaN) });
    await expect(invalid).rejects.toThrow("notAfter is Invalid Date, expected a valid Date");
  });

  test("sorts artefacts of one time by key, in S3's order", async () => {
    const bucket = await s3.bucket();
    for (const name of ["a", "B", "é", "𝒳", "\uFF5E"]) {
      await putPlain(s3.client, bucket, `${name}_2021-07-03.csv`);
    }
    const keys: string[] = [];
    for await (const artefact of listArtefacts("csv", bucket, { client: s3.client })) {
      keys.push(artefact.key[0] ?? "");
    }
    expect(keys.join("")).toBe("\ud835\uFF5EéaB");
    expect((await findLatestArtefactOnS3("csv", bucket, { client: s3.client })).key).toBe("𝒳_2021-07-03.csv");
  });
});
