import { createHash } from "node:crypto";

import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { putCsvDatasetToS3 } from "../../../src/aws/datasets/put-dataset.js";
import { getLatestCsvDatasetFromS3 } from "../../../src/aws/datasets/get-dataset.js";
import { canonicalJson } from "../../../src/aws/models/canonical-json.js";
import { getLatestModelFromS3, getModelFromS3 } from "../../../src/aws/models/get-model.js";
import { isJsonObject } from "../../../src/aws/models/json-value.js";
import type { JsonValue } from "../../../src/aws/models/json-value.js";
import type { ModelClass } from "../../../src/aws/models/model-class.js";
import { Model } from "../../../src/aws/models/model.js";
import type { ModelProperties } from "../../../src/aws/models/model-properties.js";
import { verifyModel } from "../../../src/aws/models/verify-model.js";
import {
  ArtefactChangedError,
  ArtefactExistsError,
  ArtefactNotFoundError,
  InvalidArtefactKeyError,
  ModelIntegrityError,
  S3AccessError,
  SerialisationError,
} from "../../../src/errors.js";
import { ordersTable } from "../../support/tables.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

/** The smallest model there is. */
interface Constant {
  readonly value: number;
}
const constant: ModelClass<Constant> = {
  modelType: "Constant",
  toJSON: ({ value }) => ({ value }),
  fromJSON(json) {
    const value = isJsonObject(json) ? json.value : undefined;
    if (typeof value !== "number") throw new TypeError("value is not a number");
    return { value };
  },
};
const trainDataset = { bucket: "b", key: "datasets/a_2021-07-03T23:05:32.csv", hash: "abc" };
const properties: ModelProperties<Constant> = {
  name: "time-to-dispatch",
  model: { value: 1 },
  modelClass: constant,
  trainDataset,
  features: [
    { name: "product_code", type: "category", categories: ["SKU001", "SKU002"] },
    { name: "orders_placed", type: "number", minimum: 0 },
  ],
  metadata: { rSquared: 0.974 },
  creationTime: new Date("2021-07-20T14:44:13.558Z"),
};

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

describe("a model", () => {
  test("says in one line what it is and where it came from", () => {
    const hash = createHash("md5").update('{"value":1}').digest("hex");
    expect(String(new Model(properties))).toBe(
      "name:time-to-dispatch|model_type:Constant|model_timestamp:2021-07-20T14:44:13.558Z|" +
        `model_hash:${hash}|train_dataset_key:datasets/a_2021-07-03T23:05:32.csv|train_dataset_hash:abc|` +
        "pipeline_git_commit_hash:NA",
    );
  });

  test("takes the commit of the pipeline from the environment", () => {
    process.env.GIT_COMMIT_HASH = "ed31131";
    try {
      expect(new Model(properties).pipelineGitCommitHash).toBe("ed31131");
    } finally {
      delete process.env.GIT_COMMIT_HASH;
    }
  });

  test("records no commit that would break its line", () => {
    const commitOf = (pipelineGitCommitHash: string): string =>
      new Model({ ...properties, pipelineGitCommitHash }).pipelineGitCommitHash;
    expect(commitOf("ed31131\n")).toBe("ed31131");
    expect(commitOf("a|name:other\nb\u0085c")).toBe("a_name:other_b_c");
    expect(commitOf(" \n")).toBe("NA");
  });

  test.each<[unknown, string]>([
    [undefined, "the model's properties is undefined, expected an object"],
    [{ ...properties, name: 5 }, "a file's name prefix is 5, expected text"],
    [{ ...properties, features: undefined }, "features is undefined, expected an array"],
    [{ ...properties, features: "a" }, "features is 'a', expected an array"],
    [{ ...properties, trainDataset: undefined }, "trainDataset is undefined, expected an object"],
    [
      { ...properties, trainDataset: { bucket: "b", key: "k" } },
      "trainDataset.hash is undefined, expected text",
    ],
    [{ ...properties, modelClass: undefined }, "modelClass is undefined, expected an object"],
    [{ ...properties, modelClass: {} }, "modelClass.modelType is undefined, expected text"],
    [{ ...properties, creationTime: "2021-07-20" }, "creationTime is '2021-07-20', expected a Date"],
    [{ ...properties, pipelineGitCommitHash: 5 }, "pipelineGitCommitHash is 5, expected text"],
    [{ ...properties, metadata: [1] }, "metadata is [ 1 ], expected an object"],
  ])("of wrong types is refused by name: %#", (wrong, message) => {
    const make = (): unknown => Reflect.construct(Model, [wrong]);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  test("equals another of the same name, hash, dataset, commit and creation time", () => {
    const model = new Model(properties);
    expect(model.equals(new Model({ ...properties, metadata: {} }))).toBe(true);
    const others = [
      { name: "other" },
      { model: { value: 2 } },
      { trainDataset: { ...trainDataset, hash: "abd" } },
      { trainDataset: { ...trainDataset, bucket: "c" } },
      { trainDataset: { ...trainDataset, versionId: "1" } },
      { pipelineGitCommitHash: "ed31131" },
      { creationTime: new Date(0) },
    ];
    for (const other of others) expect(model.equals(new Model({ ...properties, ...other }))).toBe(false);
    expect(model.equals(String(model))).toBe(false);
  });

  test("cannot be changed from outside", () => {
    const metadata = { nested: { a: 1 } };
    const creationTime = new Date("2021-07-20T14:44:13.558Z");
    const model = new Model({ ...properties, metadata, creationTime });
    metadata.nested.a = 2;
    creationTime.setTime(0);
    model.creationTime.setTime(0);
    expect(model.metadata).toEqual({ nested: { a: 1 } });
    expect(model.creationTime).toEqual(new Date("2021-07-20T14:44:13.558Z"));
    expect(Object.isFrozen(model.features)).toBe(true);
    expect(Object.isFrozen(model.metadata.nested)).toBe(true);
  });

  test.each<[Partial<ModelProperties<Constant>>, new (message: string) => Error, string]>([
    [{ name: "" }, InvalidArtefactKeyError, '"" cannot begin a file\'s name'],
    [{ name: "a/b" }, InvalidArtefactKeyError, '"a/b" cannot begin a file\'s name'],
    [{ model: { value: NaN } }, SerialisationError, "$.value is NaN, which JSON cannot hold"],
    [{ metadata: { r: Infinity } }, SerialisationError, "metadata cannot be written: $.r is Infinity"],
    [{ creationTime: new Date(NaN) }, SerialisationError, "creationTime is not a date"],
    [
      { features: [{ name: "a", type: "category", categories: [] }] },
      ModelIntegrityError,
      "features[0]: categories is not",
    ],
    [
      { features: [{ name: "a", type: "number", minimum: 2, maximum: 1 }] },
      ModelIntegrityError,
      "minimum 2 is above maximum 1",
    ],
    [
      {
        features: [
          { name: "a", type: "number" },
          { name: "a", type: "number" },
        ],
      },
      ModelIntegrityError,
      'two features are named "a"',
    ],
  ])("of %j is refused", (change, type, message) => {
    expect(() => new Model({ ...properties, ...change })).toThrow(type);
    expect(() => new Model({ ...properties, ...change })).toThrow(message);
  });
});

describe("a model on S3", () => {
  test("is JSON of the form that the design gives, and comes back equal", async () => {
    const bucket = await s3.bucket();
    const model = new Model(properties);
    const artefact = await model.putModelToS3({ bucket, folder: "models", client: s3.client });
    expect(artefact.address).toBe(`s3://${bucket}/models/time-to-dispatch_2021-07-20T14:44:13.558Z.json`);
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: artefact.key }));
    expect(JSON.parse((await Body?.transformToString()) ?? "")).toEqual({
      format: "pipeline-utils/model",
      formatVersion: 1,
      name: "time-to-dispatch",
      modelType: "Constant",
      creationTime: "2021-07-20T14:44:13.558Z",
      modelHash: model.modelHash,
      trainDataset,
      pipelineGitCommitHash: "NA",
      features: properties.features,
      metadata: { rSquared: 0.974 },
      model: { value: 1 },
    });
    const latest = await getLatestModelFromS3(constant, bucket, { folder: "models", client: s3.client });
    expect(latest.equals(model)).toBe(true);
    expect(latest).toMatchObject({
      features: properties.features,
      metadata: properties.metadata,
      model: { value: 1 },
    });
    const { key, etag } = artefact;
    const byKey = await getModelFromS3(constant, bucket, key, { client: s3.client, etag });
    const ofOther = getModelFromS3(constant, bucket, key, { client: s3.client, etag: "0".repeat(32) });
    await expect(ofOther).rejects.toThrow(ArtefactChangedError);
    await expect(ofOther).rejects.toThrow(`s3://${bucket}/${key}: another object is there now`);
    expect(byKey.equals(model)).toBe(true);
    await expect(model.putModelToS3({ bucket, folder: "models", client: s3.client })).rejects.toThrow(
      ArtefactExistsError,
    );
  });

  test("that is not there is not found", async () => {
    const bucket = await s3.bucket();
    await expect(
      getModelFromS3(constant, bucket, "m_2021-07-20.json", { client: s3.client }),
    ).rejects.toThrow(ArtefactNotFoundError);
  });

  const hashOf = (value: JsonValue): string => createHash("md5").update(canonicalJson(value)).digest("hex");
  const good = {
    format: "pipeline-utils/model",
    formatVersion: 1,
    name: "m",
    modelType: "Constant",
    creationTime: "2021-07-20T14:44:13.558Z",
    modelHash: hashOf({ value: 1 }),
    trainDataset,
    pipelineGitCommitHash: "NA",
    features: [],
    metadata: {},
    model: { value: 1 },
  };

  test.each<[string, string | object, string]>([
    ["no JSON", "{", "not JSON: "],
    ["no text", "\u00ff\ufffd".slice(0, 0) + "[1]", "not a JSON object"],
    ["another file", { hello: 1 }, 'format is missing, expected "pipeline-utils/model"'],
    ["another version", { ...good, formatVersion: 2 }, "formatVersion is 2, expected 1"],
    ["another type", { ...good, modelType: "Pickle" }, 'modelType is "Pickle", expected "Constant"'],
    [
      "another hash",
      { ...good, modelHash: "0" },
      `modelHash is 0, but the model's hash is ${good.modelHash}`,
    ],
    [
      "a model that was tampered with",
      { ...good, model: { value: 2 } },
      `modelHash is ${good.modelHash}, but`,
    ],
    ["a model of another shape", { ...good, model: {}, modelHash: hashOf({}) }, "value is not a number"],
    [
      "a model with more in it",
      { ...good, model: { value: 1, x: 1 }, modelHash: hashOf({ value: 1, x: 1 }) },
      "loading its model changed it",
    ],
    ["no model", { ...good, model: undefined }, "there is no model in it"],
    [
      "a local time",
      { ...good, creationTime: "2021-07-20T14:44:13" },
      'creationTime is "2021-07-20T14:44:13", expected one as',
    ],
    ["no time", { ...good, creationTime: 5 }, "creationTime is 5, expected text"],
    ["no dataset", { ...good, trainDataset: [] }, "trainDataset is [], expected an object"],
    [
      "no dataset's hash",
      { ...good, trainDataset: { ...trainDataset, hash: 1 } },
      "hash is 1, expected text",
    ],
    [
      "a feature of no type",
      { ...good, features: [{ name: "a", type: "text" }] },
      'features[0]: type is "text"',
    ],
    ["features that are none", { ...good, features: {} }, "features is not an array"],
    ["a name that is none", { ...good, name: "a/b" }, 'name: "a/b" cannot begin'],
    [
      "a number beyond all in its model",
      JSON.stringify(good).replace('"model":{"value":1}', '"model":{"value":1e400}'),
      "model: $.value is Infinity, which JSON cannot hold",
    ],
    [
      "a number beyond all in its metadata",
      JSON.stringify(good).replace('"metadata":{}', '"metadata":{"a":[-1e400]}'),
      "metadata: $.a[0] is -Infinity, which JSON cannot hold",
    ],
    [
      "a number beyond all in its features",
      JSON.stringify(good).replace(
        '"features":[]',
        '"features":[{"name":"a","type":"number","minimum":1e400}]',
      ),
      "features[0]: minimum is Infinity, expected a number",
    ],
    [
      "a deep name",
      JSON.stringify({ ...good, name: 0 }).replace('"name":0', `"name":${"[".repeat(1e5)}${"]".repeat(1e5)}`),
      "name is a deep array, expected text",
    ],
    [
      "a million brackets",
      `{"format":"pipeline-utils/model","formatVersion":1,"model":${"[".repeat(1e6)}${"]".repeat(1e6)}}`,
      "creationTime is missing",
    ],
    [
      "a deep model",
      JSON.stringify({ ...good, model: 0 }).replace(
        '"model":0',
        `"model":${"[".repeat(1e5)}${"]".repeat(1e5)}`,
      ),
      "but the model's hash is",
    ],
  ])("with %s is refused, by its address", async (_, file, message) => {
    const bucket = await s3.bucket();
    const key = "m_2021-07-20.json";
    const body = typeof file === "string" ? file : JSON.stringify(file);
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    const load = getModelFromS3(constant, bucket, key, { client: s3.client });
    await expect(load).rejects.toThrow(message);
    await expect(load).rejects.toThrow(ModelIntegrityError);
    await expect(load).rejects.toThrow(`s3://${bucket}/${key}: `);
    const verify = verifyModel(bucket, key, { client: s3.client });
    const error = await verify.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error === undefined || error instanceof ModelIntegrityError).toBe(true);
  });
});

describe("the chain of a model", () => {
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
    return checks.map(({ name, ok }) => `${name}: ${ok ? "ok" : "FAILED"}`);
  };

  test("holds while all is as it was recorded", async () => {
    const { bucket, key, dataset } = await trainedModel(false);
    const verification = await verifyModel(bucket, key, { client: s3.client });
    expect(verification).toMatchObject({
      ok: true,
      address: `s3://${bucket}/${key}`,
      pipelineGitCommitHash: "NA",
      trainDataset: { key: dataset },
    });
    expect(await summary(bucket, key)).toEqual(["model hash: ok", "dataset present: ok", "dataset hash: ok"]);
  });

  test("breaks where the dataset was replaced or deleted", async () => {
    const { bucket, key, dataset } = await trainedModel(false);
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: dataset, Body: "other" }));
    expect(await summary(bucket, key)).toEqual([
      "model hash: ok",
      "dataset present: ok",
      "dataset hash: FAILED",
    ]);
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: dataset }));
    expect(await summary(bucket, key)).toEqual(["model hash: ok", "dataset present: FAILED"]);
  });

  test("holds over a replacement where the bucket keeps versions", async () => {
    const { bucket, key, dataset, versionId } = await trainedModel(true);
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: dataset, Body: "other" }));
    expect(await summary(bucket, key)).toEqual([
      "model hash: ok",
      "dataset present: ok",
      "dataset version: ok",
      "dataset hash: ok",
    ]);
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: dataset, VersionId: versionId }));
    expect(await summary(bucket, key)).toEqual(["model hash: ok", "dataset present: FAILED"]);
  });

  test("breaks where the model was tampered with", async () => {
    const { bucket, key } = await trainedModel(false);
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const text = ((await Body?.transformToString()) ?? "").replace('"value":1', '"value":2');
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
    const { ok, checks } = await verifyModel(bucket, key, { client: s3.client });
    expect([ok, checks[0]?.ok]).toEqual([false, false]);
    expect(checks[0]?.detail).toMatch(
      /^s3:\/\/.*: the file says [0-9a-f]{32}, the model's hash is [0-9a-f]{32}$/,
    );
  });

  test("is not called broken where it may not be looked at", async () => {
    const { bucket, key } = await trainedModel(false);
    const client = s3.clientWith({ secretAccessKey: "wrong" });
    await expect(verifyModel(bucket, key, { client })).rejects.toThrow(S3AccessError);
  });
});
