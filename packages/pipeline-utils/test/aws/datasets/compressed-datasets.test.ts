import { createHash } from "node:crypto";
import zlib, { gzipSync } from "node:zlib";

import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import {
  ArtefactNotFoundError,
  FormatError,
  getDatasetFromS3,
  getLatestCsvDatasetFromS3,
  listArtefacts,
  UnsupportedFileFormatError,
} from "@ml-pipelines/pipeline-utils/aws";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { rowsOf } from "../../support/tables.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

const text = "product_code,orders_placed\nSKU001,1\nSKU002,2\n";
const rows = [
  { product_code: "SKU001", orders_placed: 1 },
  { product_code: "SKU002", orders_placed: 2 },
];
const md5Of = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

describe.each(["csv.gz", "CSV.GZ"])("a folder with only .%s files", (extension) => {
  test("returns the latest, with the hash of the stored bytes", async () => {
    const bucket = await s3.bucket();
    const key = `datasets/orders_2021-07-03T23:05:32.${extension}`;
    const bytes = gzipSync(text);
    await putPlain(s3.client, bucket, `datasets/orders_2021-07-02.${extension}`, gzipSync("a\n1\n"));
    await putPlain(s3.client, bucket, key, bytes);
    const dataset = await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client: s3.client });
    expect(dataset).toMatchObject({ key, hash: md5Of(bytes), datetime: new Date("2021-07-03T23:05:32Z") });
    expect(rowsOf(dataset.data)).toEqual(rows);
    const again = await getDatasetFromS3(dataset, { client: s3.client });
    expect(rowsOf(again.data)).toEqual(rows);
  });
});

test("returns the latest of .csv, .CSV and .csv.gz files, and the greater key of one time", async () => {
  const bucket = await s3.bucket();
  const keys = ["a_2021-07-01.csv", "a_2021-07-02.CSV", "a_2021-07-03.csv", "a_2021-07-03.csv.gz"];
  for (const key of keys) {
    await putPlain(s3.client, bucket, key, key.endsWith("gz") ? gzipSync(text) : text);
    const dataset = await getLatestCsvDatasetFromS3(bucket, { client: s3.client, filenamePrefix: "a" });
    expect([dataset.key, rowsOf(dataset.data)]).toEqual([key, rows]);
  }
  const listed: string[] = [];
  for await (const { key } of listArtefacts("csv", bucket, { client: s3.client })) {
    listed.push(key);
  }
  expect(listed).toEqual([...keys].reverse());
});

test("treats .csv.zst files as datasets, which Node reads from version 22.15 on", async () => {
  const bucket = await s3.bucket();
  const address = `s3://${bucket}/orders_2021-07-03.csv.zst`;
  // The text above, compressed by the command `zstd`.
  const bytes = Buffer.from(
    "28b52ffd045869010070726f647563745f636f64652c6f72646572735f706c616365640a534b553030312c310a534b553030322c320ace914e2d",
    "hex",
  );
  await putPlain(s3.client, bucket, "orders_2021-07-02.csv", "a\n1\n");
  await putPlain(s3.client, bucket, "orders_2021-07-03.csv.zst", bytes);
  const reading = getLatestCsvDatasetFromS3(bucket, { client: s3.client });
  if ("createZstdDecompress" in zlib) {
    const dataset = await reading;
    expect([dataset.hash, rowsOf(dataset.data)]).toEqual([md5Of(bytes), rows]);
  } else {
    await expect(reading).rejects.toThrow(UnsupportedFileFormatError);
    await expect(reading).rejects.toThrow(
      `${address}: the file is compressed by zstd, which Node reads from`,
    );
  }
});

test("returns an object that is compressed by its Content-Encoding alone", async () => {
  const bucket = await s3.bucket();
  const Key = "orders_2021-07-03.csv";
  const Body = gzipSync(text);
  await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentEncoding: "gzip" }));
  const dataset = await getLatestCsvDatasetFromS3(bucket, { client: s3.client });
  expect([dataset.hash, rowsOf(dataset.data)]).toEqual([md5Of(Body), rows]);
});

test("rejects a truncated or too large file by its address", async () => {
  const bucket = await s3.bucket();
  const key = "orders_2021-07-03.csv.gz";
  const address = `s3://${bucket}/${key}`;
  await putPlain(s3.client, bucket, key, gzipSync(text));
  const limited = getLatestCsvDatasetFromS3(bucket, { client: s3.client, maxBytes: 10 });
  await expect(limited).rejects.toThrow(`${address}: the text has more than 10 bytes after decompression`);
  await putPlain(s3.client, bucket, key, gzipSync(text).subarray(0, -3));
  const truncated = getLatestCsvDatasetFromS3(bucket, { client: s3.client });
  await expect(truncated).rejects.toThrow(FormatError);
  await expect(truncated).rejects.toThrow(
    `${address}: the gzip data are damaged or truncated: unexpected end of file`,
  );
});

test("rejects a folder with other compressed files", async () => {
  const bucket = await s3.bucket();
  await putPlain(s3.client, bucket, "orders_2021-07-03.csv.zip", "x");
  await expect(getLatestCsvDatasetFromS3(bucket, { client: s3.client })).rejects.toThrow(
    ArtefactNotFoundError,
  );
});
