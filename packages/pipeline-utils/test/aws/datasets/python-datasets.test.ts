import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

import { getLatestCsvDatasetFromS3 } from "../../../src/aws/datasets/get-dataset.js";
import { plain } from "../../formats/plain.js";
import { putPlain, startTestS3 } from "../../support/test-s3.js";
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

test("datasets that Python wrote, with and without pandas' index, are read as each becomes the latest", async () => {
  const bucket = await s3.bucket();
  expect(datasets.map(({ columns }) => "" in columns)).toEqual([false, true]);
  for (const { key, file, columns } of datasets) {
    await putPlain(s3.client, bucket, key, readFileSync(new URL(file, folder)));
    const dataset = await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client: s3.client });
    expect(dataset.key).toBe(key);
    // The Python side's timestamps have no zone: UTC.
    expect(key).toContain(dataset.datetime.toISOString().slice(0, "2021-07-03T23:05:32".length));
    expect(plain(dataset.data).map(({ name, values }) => [name, values])).toEqual(Object.entries(columns));
  }
});
