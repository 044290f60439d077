import { createHash } from "node:crypto";

import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { canonicalJson } from "../../../src/aws/models/canonical-json.js";
import {
  ArtefactChangedError,
  ArtefactExistsError,
  ArtefactNotFoundError,
  getLatestModelFromS3,
  getModelFromS3,
  Model,
  ModelIntegrityError,
  verifyModel,
} from "@ml-pipelines/pipeline-utils/aws";
import type { JsonValue } from "@ml-pipelines/pipeline-utils/aws";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";
import { constant, properties, trainDataset } from "../../support/constant-model.js";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

describe("models on S3", () => {
  test("writes the documented JSON and returns an equal model", async () => {
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
      // By Python: hashlib.sha256 of json.dumps(file, sort_keys=True, separators=(",", ":"), ensure_ascii=False).
      contentHash: "b9b95cec5d27fa310d4293ae16236d39b01613f2a4dae4831b20ed0f218b0f73",
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

  test("rejects a missing model as not found", async () => {
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
      'creationTime is "2021-07-20T14:44:13", expected the form',
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
  ])("rejects %s by its address", async (_, file, message) => {
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
