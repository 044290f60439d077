import { isFloat64Array } from "node:util/types";

import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

// As built: threads load a file of their own, which is there after the build only.
import { getModelFromS3 as getBuiltModel } from "../../../dist/aws/index.js";
import { dtRegression as builtTrees } from "../../../dist/ml-cart/index.js";
import { getModelFromS3, Model, putObjectToS3 } from "@ml-pipelines/pipeline-utils/aws";
import type { JsonValue, ModelProperties } from "@ml-pipelines/pipeline-utils/aws";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import type { MlCartTree } from "@ml-pipelines/pipeline-utils/ml-cart";
import { table, threadOfTables } from "../../fixtures/threaded-class/table.mjs";
import { constant, properties } from "../../support/constant-model.js";
import type { Constant } from "../../support/constant-model.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

let s3: TestS3;
let bucket: string;
beforeAll(async () => {
  s3 = await startTestS3();
  bucket = await s3.bucket();
});
afterAll(() => s3.stop());

const forService = () => ({ client: s3.client, forService: true });
const put = async (model: Model<unknown>): Promise<string> =>
  (await model.putModelToS3({ bucket, folder: "models", client: s3.client, overwrite: true })).key;
const text = async (filename: string, content: string): Promise<string> => {
  const bytes = new TextEncoder().encode(content);
  return (await putObjectToS3(bytes, { bucket, filename, client: s3.client, overwrite: true })).key;
};

const read = async (key: string): Promise<string> => {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return (await Body?.transformToString()) ?? "";
};

/** A tree whose file is larger than a thread is worth: two columns, thresholds and leaves with all their digits. */
function largeTree(): Model<MlCartTree> {
  const node = (from: number, to: number): JsonValue => {
    if (to - from === 1) {
      return { distribution: Math.sin(from) };
    }
    const middle = (from + to) >> 1;
    const [left, right] = [node(from, middle), node(middle, to)];
    const splitColumn = Math.log2(to - from) % 2 < 1 ? 0 : 1;
    return { splitColumn, splitValue: splitColumn === 0 ? 0.5 : middle + 0.1, gain: 1 / middle, left, right };
  };
  const json = { name: "DTRegression", options: { kind: "regression" }, root: node(0, 3_000) };
  return new Model({ ...properties, modelClass: dtRegression, model: dtRegression.fromJSON(json) });
}

describe("a large tree for a service", () => {
  test("is loaded in a thread, with the same predictions, breakpoints and lineage", async () => {
    const model = largeTree();
    const loaded = await getBuiltModel([builtTrees], bucket, await put(model), forService());
    expect(loaded.model.constructor.name).toMatch("FlatTree");
    for (let i = 0; i < 3_000; i += 1) {
      const row = [i % 2, i / 1.7];
      expect(builtTrees.predict?.(loaded.model, row)).toBe(dtRegression.predict?.(model.model, row));
    }
    expect(builtTrees.breakpoints?.(loaded.model, 1)).toEqual(dtRegression.breakpoints?.(model.model, 1));
    expect([String(loaded), loaded.features, loaded.metadata]).toEqual([
      String(model),
      model.features,
      model.metadata,
    ]);
    expect(Object.isFrozen(loaded.metadata)).toBe(true);
  });

  test("is put again with the same hash", async () => {
    const key = await put(largeTree());
    const loaded = await getBuiltModel([builtTrees], bucket, key, forService());
    const again = await loaded.putModelToS3({ bucket, folder: "again", client: s3.client });
    const reloaded = await getModelFromS3(dtRegression, bucket, again.key, { client: s3.client });
    expect(reloaded.modelHash).toBe(loaded.modelHash);
  });

  test.each<[string, (file: string) => string, string]>([
    [
      "another hash",
      (file) => file.replace('"distribution":0}', '"distribution":1}'),
      "but the model's hash",
    ],
    ["a damaged node", (file) => file.replace('"distribution"', '"distributions"'), "but the model's hash"],
    ["no JSON", (file) => file.slice(1), "not JSON"],
    ["another type", (file) => file.replace("DTRegression", "Pickle"), 'modelType is "Pickle", expected'],
  ])("is rejected by its address when the thread finds %s", async (_name, change, message) => {
    const file = await read(await put(largeTree()));
    const key = await text("m_2026-01-01.json", change(file));
    const load = getBuiltModel([builtTrees], bucket, key, forService());
    await expect(load).rejects.toThrow(`s3://${bucket}/${key}: `);
    await expect(load).rejects.toThrow(message);
    await expect(load).rejects.toMatchObject({ name: "ModelIntegrityError" });
  });

  test("is loaded without a thread when its module is missing", async () => {
    const withoutThread = { ...dtRegression, thread: new URL("missing.js", import.meta.url) };
    const model = largeTree();
    const loaded = await getModelFromS3([withoutThread], bucket, await put(model), forService());
    expect(loaded.equals(model)).toBe(true);
  });

  test("is loaded without a thread when its module ends without a word", async () => {
    const silent = { ...dtRegression, thread: new URL("data:text/javascript,") };
    const model = largeTree();
    const loaded = await getModelFromS3([silent], bucket, await put(model), forService());
    expect(loaded.equals(model)).toBe(true);
  });

  test("is rejected when its thread ends while it loads the model", async () => {
    const module =
      'import { parentPort } from "node:worker_threads";' +
      'parentPort.once("message", () => process.exit()); parentPort.postMessage({ kind: "ready" });';
    const dying = { ...dtRegression, thread: new URL(`data:text/javascript,${encodeURIComponent(module)}`) };
    const load = getModelFromS3([dying], bucket, await put(largeTree()), forService());
    await expect(load).rejects.toThrow("the thread of its class ended without an answer");
  });

  test("is not loaded when the signal has aborted", async () => {
    const key = await put(largeTree());
    const controller = new AbortController();
    const onProgress = (): void => {
      controller.abort(new Error("enough"));
    };
    const options = { ...forService(), signal: controller.signal, onProgress };
    await expect(getBuiltModel([builtTrees], bucket, key, options)).rejects.toThrow("enough");
  });
});

describe("a class of a project", () => {
  const large = new Model({
    ...properties,
    modelClass: table,
    model: { values: Array.from({ length: 80_000 }, (_, i) => i / 7) },
  });

  test("is loaded in its own thread", async () => {
    const { model } = await getModelFromS3([table], bucket, await put(large), forService());
    expect(isFloat64Array(model.values)).toBe(true);
    expect([0, 79_999].map((index) => table.predict?.(model, [index]))).toEqual([0, 79_999 / 7]);
  });

  test("is found by the type in the file when another class comes first", async () => {
    const loaded = await getBuiltModel<unknown>([builtTrees, table], bucket, await put(large), forService());
    expect(loaded.modelType).toBe("Table");
  });

  test("is rejected when its thread is that of another class", async () => {
    const wrong = { ...constant, thread: threadOfTables, restore: () => ({ value: 0 }) };
    const load = getModelFromS3<unknown>([wrong, dtRegression], bucket, await put(large), forService());
    await expect(load).rejects.toThrow('modelType is "Table", expected "Constant"');
  });

  test("is rejected above 1 MiB when it has no thread", async () => {
    const unthreaded: typeof table = {
      modelType: "Table",
      toJSON: (model) => table.toJSON(model),
      fromJSON: (json) => table.fromJSON(json),
    };
    const key = await put(large);
    const loaded = await getModelFromS3([unthreaded], bucket, key, { client: s3.client });
    expect(loaded.equals(large)).toBe(true);
    const load = getModelFromS3([unthreaded], bucket, key, forService());
    await expect(load).rejects.toThrow(
      /: the file has \d+ bytes, expected at most 1048576 of a class without/,
    );
  });
});

describe("the limits of a service", () => {
  const long = (length: number): string => "x".repeat(length);
  const withLong: [Partial<ModelProperties<Constant>>, string][] = [
    [
      { trainDataset: { ...properties.trainDataset, key: long(1_025) } },
      "trainDataset.key has 1025 characters",
    ],
    [
      { features: [{ name: long(201), type: "number" }] },
      "features[0].name has 201 characters, expected at most 200",
    ],
    [
      { features: [{ name: "a", type: "category", categories: ["b", long(201)] }] },
      "features[0].categories[1] has 201 characters",
    ],
    [{ features: [{ name: "a", type: "number", unit: long(101) }] }, "features[0].unit has 101 characters"],
    [
      { target: { name: "a", type: "number", description: long(1_001) } },
      "target.description has 1001 characters, expected at most 1000",
    ],
  ];

  test.each(withLong)("rejects a new model with a long text: %#", (change, message) => {
    expect(() => new Model({ ...properties, ...change })).toThrow(`model time-to-dispatch: ${message}`);
  });

  test("shortens a long commit of a new model, which is no reason to lose it", () => {
    const { pipelineGitCommitHash } = new Model({ ...properties, pipelineGitCommitHash: long(1e6) });
    expect(pipelineGitCommitHash).toHaveLength(200);
  });

  const file = (change: object): string =>
    JSON.stringify({
      format: "pipeline-utils/model",
      formatVersion: 1,
      name: "m",
      modelType: "Table",
      creationTime: "2021-07-20T14:44:13.558Z",
      modelHash: new Model({ ...properties, modelClass: table, model: { values: [] } }).modelHash,
      trainDataset: properties.trainDataset,
      pipelineGitCommitHash: "NA",
      features: [],
      metadata: {},
      model: { values: [] },
      ...change,
    });

  test.each<[string, object, string]>([
    [
      "a commit of a megabyte",
      { pipelineGitCommitHash: long(1e6) },
      "pipelineGitCommitHash has 1000000 characters",
    ],
    ...withLong.map<[string, object, string]>(([change, message]) => [message, change, message]),
    [
      "many values of metadata",
      { metadata: { a: Array(50_001).fill(0) } },
      "features, target and metadata have 50",
    ],
    [
      "long metadata",
      { metadata: { a: long(1_048_577) } },
      "texts of 1048578 characters, expected at most 1048576",
    ],
    [
      "many arrays",
      { model: Array(300_001).fill([]) },
      "the file has 300006 arrays and objects, expected at most",
    ],
    ["many numbers", { model: Array(1_000_001).fill(0) }, "values, expected at most 1000000"],
    [
      "many names",
      { model: Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`k${i}`, 0])) },
      "different names, expected at most 50000",
    ],
  ])("rejects a file with %s", async (_name, change, message) => {
    const key = await text("m_2026-01-02.json", file(change));
    const load = getModelFromS3([table], bucket, key, forService());
    await expect(load).rejects.toThrow(`s3://${bucket}/${key}: `);
    await expect(load).rejects.toThrow(message);
  });

  test("applies to services alone, so that other programs read older files", async () => {
    const key = await text("m_2026-01-02.json", file({ pipelineGitCommitHash: long(1e6) }));
    const { model } = await getModelFromS3([table], bucket, key, { client: s3.client });
    expect(model.values).toEqual([]);
  });
});
