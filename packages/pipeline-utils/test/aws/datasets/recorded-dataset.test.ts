import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import {
  ArtefactChangedError,
  ArtefactNotFoundError,
  getDatasetFromS3,
  getLatestCsvDatasetFromS3,
  putCsvDatasetToS3,
  S3AccessError,
  UnsupportedFileFormatError,
} from "@ml-pipelines/pipeline-utils/aws";
import { ordersTable } from "../../support/tables.js";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

const key = "datasets/time_to_dispatch_2021-07-03T23:05:32.csv";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

const putOptions = (bucket: string) => ({
  filenamePrefix: "time_to_dispatch",
  refDatetime: new Date("2021-07-03T23:05:32Z"),
  bucket,
  folder: "datasets",
  client: s3.client,
});

describe("getDatasetFromS3", () => {
  test("returns an overwritten or deleted dataset when the bucket keeps versions", async () => {
    const bucket = await s3.bucket({ versioned: true });
    await putCsvDatasetToS3(ordersTable(), putOptions(bucket));
    const dataset = await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client: s3.client });
    expect(dataset.versionId).toMatch(/./);
    await putCsvDatasetToS3(ordersTable(5), { ...putOptions(bucket), overwrite: true });
    const again = await getDatasetFromS3(dataset, { client: s3.client });
    expect(again).toMatchObject({ key, hash: dataset.hash, versionId: dataset.versionId });
    expect(again.data.numRows).toBe(3);

    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    expect((await getDatasetFromS3(dataset, { client: s3.client })).data.numRows).toBe(3);

    const versionId = dataset.versionId ?? "";
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    const gone = getDatasetFromS3(dataset, { client: s3.client });
    await expect(gone).rejects.toThrow(ArtefactNotFoundError);
    await expect(gone).rejects.toThrow(
      `the dataset is gone: the bucket no longer keeps version ${versionId}`,
    );
  });

  test("rejects another dataset under the key when the bucket keeps no versions", async () => {
    const bucket = await s3.bucket();
    await putCsvDatasetToS3(ordersTable(), putOptions(bucket));
    const dataset = await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client: s3.client });
    await putCsvDatasetToS3(ordersTable(5), { ...putOptions(bucket), overwrite: true });
    const read = getDatasetFromS3(dataset, { client: s3.client });
    await expect(read).rejects.toThrow(ArtefactChangedError);
    await expect(read).rejects.toThrow(
      `s3://${bucket}/${key}: another object is there now, and no kept version has the expected ETag ${dataset.hash}`,
    );
    expect((await getDatasetFromS3({ bucket, key }, { client: s3.client })).data.numRows).toBe(5);
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    await expect(getDatasetFromS3(dataset, { client: s3.client })).rejects.toThrow(
      "the dataset is gone: no such object, and no kept version has ETag",
    );
  });

  test("rejects a key that is not a timestamped CSV or Parquet file", async () => {
    const read = getDatasetFromS3({ bucket: "b-b", key: "models/a_2021-07-03.json" }, { client: s3.client });
    await expect(read).rejects.toThrow(UnsupportedFileFormatError);
  });

  test("finds a dataset by its hash alone among the versions", async () => {
    const bucket = await s3.bucket({ versioned: true });
    const first = await putCsvDatasetToS3(ordersTable(), putOptions(bucket));
    const reference = { bucket, key, hash: first.etag };
    await putCsvDatasetToS3(ordersTable(5), { ...putOptions(bucket), overwrite: true });
    await putPlain(s3.client, bucket, `${key}.bak`, "a longer key");
    expect(await getDatasetFromS3(reference, { client: s3.client })).toMatchObject({
      hash: first.etag,
      versionId: first.versionId,
      data: { numRows: 3 },
    });
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    expect((await getDatasetFromS3(reference, { client: s3.client })).data.numRows).toBe(3);

    const { versionId = "" } = first;
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    await expect(getDatasetFromS3(reference, { client: s3.client })).rejects.toThrow(
      `s3://${bucket}/${key}: the dataset is gone: no such object, and no kept version has ETag ${first.etag}`,
    );
  });

  test("finds a dataset on the second page of versions", async () => {
    const bucket = await s3.bucket({ versioned: true });
    const { etag, versionId } = await putCsvDatasetToS3(ordersTable(), putOptions(bucket));
    for (let i = 0; i < 1000; i += 50) {
      await Promise.all(Array.from({ length: 50 }, () => putPlain(s3.client, bucket, key)));
    }
    const found = await getDatasetFromS3({ bucket, key, hash: etag }, { client: s3.client });
    expect(found.versionId).toBe(versionId);
  });

  test("reports denied access, not a missing dataset, when versions cannot be listed", async () => {
    const bucket = await s3.bucket();
    const { client } = await s3.through(({ url }) =>
      /[?&]versions/.test(url) ? { kind: "answer", status: 403 } : { kind: "pass" },
    );
    const read = getDatasetFromS3({ bucket, key, hash: "0".repeat(32) }, { client });
    await expect(read).rejects.toThrow(S3AccessError);
    await expect(read).rejects.toThrow(/: no such object; its versions cannot be listed: .*access denied/);
  });
});
