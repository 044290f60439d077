import { createHash } from "node:crypto";

import { describe, expect, test } from "@jest/globals";

import {
  InvalidArtefactKeyError,
  Model,
  ModelIntegrityError,
  SerialisationError,
} from "@ml-pipelines/pipeline-utils/aws";
import type { ModelProperties } from "@ml-pipelines/pipeline-utils/aws";
import { properties, trainDataset } from "../../support/constant-model.js";
import type { Constant } from "../../support/constant-model.js";

describe("Model", () => {
  test("prints in one line what it is and where it came from", () => {
    const hash = createHash("md5").update('{"value":1}').digest("hex");
    expect(String(new Model(properties))).toBe(
      "name:time-to-dispatch|model_type:Constant|model_timestamp:2021-07-20T14:44:13.558Z|" +
        `model_hash:${hash}|train_dataset_key:datasets/a_2021-07-03T23:05:32.csv|train_dataset_hash:abc|` +
        "pipeline_git_commit_hash:NA",
    );
  });

  test("reads the commit of the pipeline from the environment", () => {
    process.env.GIT_COMMIT_HASH = "ed31131";
    try {
      expect(new Model(properties).pipelineGitCommitHash).toBe("ed31131");
    } finally {
      delete process.env.GIT_COMMIT_HASH;
    }
  });

  test("removes characters of a commit that would break its line", () => {
    const commitOf = (pipelineGitCommitHash: string): string =>
      new Model({ ...properties, pipelineGitCommitHash }).pipelineGitCommitHash;
    expect(commitOf("ed31131\n")).toBe("ed31131");
    expect(commitOf("a|name:other\nb\u0085c")).toBe("a_name:other_b_c");
    expect(commitOf(" \n")).toBe("NA");
  });

  test.each<[unknown, string]>([
    [undefined, "properties is undefined, expected a plain object"],
    [{ ...properties, name: 5 }, "properties.name is 5, expected text"],
    [{ ...properties, features: undefined }, "features is undefined, expected an array"],
    [{ ...properties, features: "a" }, "features is 'a', expected an array"],
    [{ ...properties, trainDataset: undefined }, "trainDataset is undefined, expected a plain object"],
    [
      { ...properties, trainDataset: { bucket: "b", key: "k" } },
      "trainDataset.hash is undefined, expected text",
    ],
    [{ ...properties, modelClass: undefined }, "modelClass is undefined, expected an object"],
    [{ ...properties, modelClass: {} }, "modelClass.modelType is undefined, expected text"],
    [{ ...properties, creationTime: "2021-07-20" }, "creationTime is '2021-07-20', expected a Date"],
    [{ ...properties, pipelineGitCommitHash: 5 }, "pipelineGitCommitHash is 5, expected text"],
    [{ ...properties, metadata: [1] }, "properties.metadata is [ 1 ], expected a plain object"],
  ])("rejects wrong types by name: %#", (wrong, message) => {
    const make = (): unknown => Reflect.construct(Model, [wrong]);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  test("equals a model of the same name, hash, dataset, commit and creation time", () => {
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
    for (const other of others) {
      expect(model.equals(new Model({ ...properties, ...other }))).toBe(false);
    }
    expect(model.equals(String(model))).toBe(false);
  });

  test("stays unchanged when its arguments are changed", () => {
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
  ])("rejects %j", (change, type, message) => {
    expect(() => new Model({ ...properties, ...change })).toThrow(type);
    expect(() => new Model({ ...properties, ...change })).toThrow(message);
  });
});
