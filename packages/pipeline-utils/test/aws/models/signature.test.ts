import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { getModelFromS3, Model, ModelIntegrityError, putObjectToS3 } from "@ml-pipelines/pipeline-utils/aws";
import type { ModelClass } from "@ml-pipelines/pipeline-utils/aws";
import { constant, properties } from "../../support/constant-model.js";
import type { Constant } from "../../support/constant-model.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

const features = [
  { name: "size", type: "category", categories: ["S", "M"], description: "As ordered" },
  { name: "orders", type: "number", minimum: 0, integer: true, unit: "pieces" },
  { name: "express", type: "boolean" },
] as const;
const target = { name: "hours", type: "number", unit: "hours", minimum: 0 } as const;

/** Put a model's file, changed as text and without the hash of its content; its key. */
async function putChanged(bucket: string, change: (text: string) => string): Promise<string> {
  const options = { bucket, folder: "models", client: s3.client };
  const { key } = await new Model({ ...properties, features, target }).putModelToS3(options);
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const text = change((await Body?.transformToString()) ?? "").replace(/,"contentHash":"\w+"/, "");
  const bytes = new TextEncoder().encode(text);
  await putObjectToS3(bytes, { ...options, filename: "changed_2021-07-21.json" });
  return "models/changed_2021-07-21.json";
}

describe("the signature of a model", () => {
  test("returns units, descriptions, integers, booleans and the target after a round trip", async () => {
    const bucket = await s3.bucket();
    const model = new Model({ ...properties, features, target });
    const { key } = await model.putModelToS3({ bucket, client: s3.client });
    const loaded = await getModelFromS3(constant, bucket, key, { client: s3.client });
    expect(loaded.features).toEqual(features);
    expect(loaded.target).toEqual(target);
    expect(Object.isFrozen(loaded.target)).toBe(true);
  });

  test("keeps a file's keys of later versions, and has no target in old files", async () => {
    const bucket = await s3.bucket();
    const later = await putChanged(bucket, (text) =>
      text.replace('"unit":"pieces"', '"unit":"pieces","label":"Orders"'),
    );
    const loaded = await getModelFromS3(constant, bucket, later, { client: s3.client });
    expect(loaded.features[1]).toEqual({ ...features[1], label: "Orders" });
    const other = await s3.bucket();
    const old = await putChanged(other, (text) => text.replace(/"target":\{[^}]*\},/, ""));
    expect((await getModelFromS3(constant, other, old, { client: s3.client })).target).toBeUndefined();
  });

  test.each([
    [
      { features: [{ name: "a", type: "number", label: "A" }] },
      'features[0]: "label" is unknown, expected name, type, description, unit, minimum, maximum, integer',
    ],
    [{ features: [{ name: "a", type: "boolean", minimum: 0 }] }, 'features[0]: "minimum" is unknown'],
    [
      { features: [{ name: "a", type: "number", integer: "yes" }] },
      'integer is "yes", expected true or false',
    ],
    [{ features: [{ name: "a", type: "number", unit: 5 }] }, "unit is 5, expected text"],
    [
      { features: [{ name: "a", type: "date" }] },
      'type is "date", expected "category", "number" or "boolean"',
    ],
    [
      { target: { name: "late", type: "boolean" } },
      'target: type is "boolean", expected "number", or "category"',
    ],
    [{ target: { type: "number" } }, "target has no name"],
  ])("rejects %j by name", (change, message) => {
    const make = (): unknown => Reflect.construct(Model, [{ ...properties, ...change }]);
    expect(make).toThrow(ModelIntegrityError);
    expect(make).toThrow(message);
  });

  test("rejects a damaged signature of a file by its address", async () => {
    const bucket = await s3.bucket();
    const key = await putChanged(bucket, (text) => text.replace('"unit":"hours"', '"unit":5'));
    const loading = getModelFromS3(constant, bucket, key, { client: s3.client });
    await expect(loading).rejects.toThrow(`s3://${bucket}/${key}: target: unit is 5, expected text`);
  });
});

describe("getModelFromS3 with several model classes", () => {
  const other: ModelClass<Constant> = { ...constant, modelType: "Other" };

  test("selects the class of the file's type", async () => {
    const bucket = await s3.bucket();
    const { key } = await new Model({ ...properties, modelClass: other }).putModelToS3({
      bucket,
      client: s3.client,
    });
    const loaded = await getModelFromS3([constant, other], bucket, key, { client: s3.client });
    expect(loaded.modelType).toBe("Other");
    await expect(getModelFromS3(constant, bucket, key, { client: s3.client })).rejects.toThrow(
      'modelType is "Other", expected "Constant"',
    );
    await expect(getModelFromS3([], bucket, key, { client: s3.client })).rejects.toThrow(
      'modelType is "Other"',
    );
  });
});
