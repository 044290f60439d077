import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { unquoteEtag } from "../../../src/aws/etag.js";
import {
  getLatestCsvDatasetFromS3,
  Model,
  putCsvDatasetToS3,
  S3AccessError,
  signModel,
  verifyModel,
} from "@ml-pipelines/pipeline-utils/aws";
import { ordersTable } from "../../support/tables.js";
import { keyPair, withKeys } from "../../support/signing.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";
import { properties } from "../../support/constant-model.js";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

describe("verifyModel", () => {
  async function trainedModel(
    versioned: boolean,
  ): Promise<{ bucket: string; key: string; dataset: string; versionId: string | undefined }> {
    const bucket = await s3.bucket({ versioned });
    const put = {
      filenamePrefix: "a",
      refDatetime: new Date("2021-07-03T23:05:32Z"),
      bucket,
      folder: "datasets",
      client: s3.client,
    };
    await putCsvDatasetToS3(ordersTable(), put);
    const dataset = await getLatestCsvDatasetFromS3(bucket, { folder: "datasets", client: s3.client });
    const model = new Model({ ...properties, trainDataset: dataset });
    const { key } = await model.putModelToS3({ bucket, client: s3.client });
    return { bucket, key, dataset: dataset.key, versionId: dataset.versionId };
  }
  const summary = async (bucket: string, key: string): Promise<string[]> => {
    const { checks } = await verifyModel(bucket, key, { client: s3.client });
    return checks
      .filter(({ name }) => name.startsWith("dataset"))
      .map(({ name, status }) => `${name}: ${status}`);
  };

  test("passes while all is as it was recorded", async () => {
    const { bucket, key, dataset } = await trainedModel(false);
    const verification = await verifyModel(bucket, key, { client: s3.client });
    expect(verification).toMatchObject({
      ok: true,
      address: `s3://${bucket}/${key}`,
      pipelineGitCommitHash: "NA",
      trainDataset: { key: dataset },
    });
    expect(verification.checks.map(({ name, status }) => `${name}: ${status}`)).toEqual([
      "model hash: ok",
      "content hash: ok",
      "signature: not covered",
      "alias: not covered",
      "dataset present: ok",
      "dataset hash: ok",
    ]);
  });

  test("fails when the dataset was replaced or deleted", async () => {
    const { bucket, key, dataset } = await trainedModel(false);
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: dataset, Body: "other" }));
    expect(await summary(bucket, key)).toEqual(["dataset present: ok", "dataset hash: failed"]);
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: dataset }));
    expect(await summary(bucket, key)).toEqual(["dataset present: failed"]);
  });

  test("fails when the dataset's bucket is missing", async () => {
    const bucket = await s3.bucket();
    const { key } = await new Model(properties).putModelToS3({ bucket, client: s3.client });
    expect(await summary(bucket, key)).toEqual(["dataset present: failed"]);
  });

  test("passes after a replacement when the bucket keeps versions", async () => {
    const { bucket, key, dataset, versionId } = await trainedModel(true);
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: dataset, Body: "other" }));
    expect(await summary(bucket, key)).toEqual([
      "dataset present: ok",
      "dataset version: ok",
      "dataset hash: ok",
    ]);
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: dataset, VersionId: versionId }));
    expect(await summary(bucket, key)).toEqual(["dataset present: failed"]);
  });

  test("passes after a replacement when the bucket keeps the version, though none was recorded", async () => {
    const { bucket, dataset, versionId } = await trainedModel(true);
    const { ETag } = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: dataset }));
    const trainDataset = { bucket, key: dataset, hash: unquoteEtag(ETag ?? "") };
    const model = new Model({ ...properties, name: "without-version", trainDataset });
    const { key } = await model.putModelToS3({ bucket, client: s3.client });
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: dataset, Body: "other" }));
    expect(await summary(bucket, key)).toEqual(["dataset present: ok", "dataset hash: ok"]);
    const { checks } = await verifyModel(bucket, key, { client: s3.client });
    expect(checks.find(({ name }) => name === "dataset present")?.detail).toBe(
      `s3://${bucket}/${dataset}: there in version ${versionId ?? ""}`,
    );
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: dataset, VersionId: versionId }));
    expect(await summary(bucket, key)).toEqual(["dataset present: ok", "dataset hash: failed"]);
  });

  test("fails when the model was tampered with", async () => {
    const { bucket, key } = await trainedModel(false);
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const text = ((await Body?.transformToString()) ?? "").replace('"value":1', '"value":2');
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
    const { ok, checks } = await verifyModel(bucket, key, { client: s3.client });
    expect(ok).toBe(false);
    expect(checks.slice(0, 2).map(({ status }) => status)).toEqual(["failed", "failed"]);
    expect(checks[0]?.detail).toMatch(
      /^s3:\/\/.*: the file says [0-9a-f]{32}, the model's hash is [0-9a-f]{32}$/,
    );
  });

  test("covers no content of a file of an older version", async () => {
    const { bucket, key } = await trainedModel(false);
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const text = ((await Body?.transformToString()) ?? "").replace(/,"contentHash":"\w+"/, "");
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
    const { ok, checks } = await verifyModel(bucket, key, { client: s3.client });
    expect(ok).toBe(true);
    expect(checks[1]).toEqual({
      name: "content hash",
      status: "not covered",
      detail: `s3://${bucket}/${key}: the file is of an older version and has no contentHash`,
    });
  });

  test("checks the signature by the keys that are given, which override those of the environment", async () => {
    const { bucket, key } = await trainedModel(false);
    const [alice, bob] = [keyPair(), keyPair()];
    await withKeys({ signing: alice.privateKey }, () => signModel(bucket, key, { client: s3.client }));
    const statusOf = async (publicKeys?: string): Promise<string | undefined> => {
      const { checks } = await verifyModel(bucket, key, { client: s3.client, publicKeys });
      return checks.find(({ name }) => name === "signature")?.status;
    };
    expect(await statusOf()).toBe("not covered");
    expect(await withKeys({ known: bob.publicKey }, () => statusOf())).toBe("failed");
    expect(await withKeys({ known: bob.publicKey }, () => statusOf(alice.publicKey))).toBe("ok");
    await expect(statusOf("none")).rejects.toThrow(/^publicKeys is not ed25519 public keys in PEM/);
  });

  test("downloads the dataset on request, and proves its bytes", async () => {
    const { bucket, key, dataset } = await trainedModel(false);
    const bytesOf = async (client: S3Client): Promise<unknown> => {
      const { checks } = await verifyModel(bucket, key, { client, data: true });
      return checks.at(-1);
    };
    expect(await bytesOf(s3.client)).toMatchObject({ name: "dataset bytes", status: "ok" });
    const { client } = await s3.through(({ method, url }) =>
      method === "GET" && decodeURIComponent(url).includes(dataset)
        ? { kind: "change-body", change: (body) => Buffer.from(body).fill("9", 0, 1) }
        : { kind: "pass" },
    );
    expect(await bytesOf(client)).toEqual({
      name: "dataset bytes",
      status: "failed",
      detail: expect.stringContaining(`s3://${bucket}/${dataset}: damaged: its sha256 is `) as unknown,
    });
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: dataset }));
    expect(await bytesOf(s3.client)).toMatchObject({ name: "dataset bytes", status: "failed" });
  });

  test("throws when storage denies access, and reports no failed check", async () => {
    const { bucket, key } = await trainedModel(false);
    const client = s3.clientWith({ secretAccessKey: "wrong" });
    await expect(verifyModel(bucket, key, { client })).rejects.toThrow(S3AccessError);
  });
});
