import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { getLatestCsvDatasetFromS3, getLatestParquetDatasetFromS3 } from "@ml-pipelines/pipeline-utils/aws";
import { plain } from "../../formats/plain.js";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

interface PythonDataset {
  readonly key: string;
  readonly file: string;
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
}

const folder = new URL("../../fixtures/python-datasets/", import.meta.url);
const parse: (text: string) => PythonDataset[] = JSON.parse;
const datasets = parse(readFileSync(new URL("expected.json", folder), "utf8"));

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

/** Put a dataset as Python does, and read the latest. */
async function readLatest({ key, file }: PythonDataset) {
  const bucket = await s3.bucket();
  const isParquet = key.endsWith(".parquet");
  if (!isParquet) {
    await putPlain(s3.client, bucket, "datasets/time_to_dispatch_2021-07-01T23:05:32.csv", "a\n1\n");
  }
  await putPlain(s3.client, bucket, key, readFileSync(new URL(file, folder)));
  const getLatest = isParquet ? getLatestParquetDatasetFromS3 : getLatestCsvDatasetFromS3;
  return getLatest(bucket, { folder: "datasets", client: s3.client });
}

test.each(datasets)("reads $key, written by Python", async (written) => {
  const { key, datetime, data } = await readLatest(written);
  expect(key).toBe(written.key);
  // The Python side's timestamps have no zone: UTC.
  expect(key).toContain(datetime.toISOString().slice(0, "2021-07-03T23:05:32".length));
  // Parquet's integers are of 64 bits, JSON's are not.
  const number = (value: unknown) => (typeof value === "bigint" ? Number(value) : value);
  expect(plain(data).map(({ name, values }) => [name, values.map(number)])).toEqual(
    Object.entries(written.columns),
  );
});
