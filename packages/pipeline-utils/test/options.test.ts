import { describe, expect, test } from "@jest/globals";
import * as aws from "@ml-pipelines/pipeline-utils/aws";
import { createCommand } from "@ml-pipelines/pipeline-utils/command";
import { readCsv, readParquet, readParquetBatches, writeParquet } from "@ml-pipelines/pipeline-utils";
import { configureLogger } from "@ml-pipelines/pipeline-utils/logging";
import { profileModel } from "@ml-pipelines/pipeline-utils/monitoring";
import { flagOption, runProgram, runTrainStage } from "@ml-pipelines/pipeline-utils/stage";
import { tableFromArrays } from "apache-arrow";
import { properties } from "./support/constant-model.js";

/** Programs without types call a function with anything. */
type Untyped = (...args: unknown[]) => unknown;
const untyped = (call: unknown): Untyped => call as Untyped;

const table = tableFromArrays({ a: [1] });
const bytes = new Uint8Array();
const stream = async function* (): AsyncGenerator<Uint8Array> {
  yield bytes;
};

/** The first result of what a function returns: of a promise, of an iterator, or itself. */
async function outcomeOf(call: unknown, args: readonly unknown[]): Promise<unknown> {
  const result = untyped(call)(...args);
  const isIterable = typeof result === "object" && result !== null && Symbol.asyncIterator in result;
  return isIterable ? (result as AsyncIterable<unknown>)[Symbol.asyncIterator]().next() : result;
}

const model = new aws.Model(properties);
const CALLS: readonly [name: string, call: unknown, args: readonly unknown[]][] = [
  ["findLatestArtefactOnS3", aws.findLatestArtefactOnS3, ["csv", "bucket"]],
  ["listArtefacts", aws.listArtefacts, ["csv", "bucket"]],
  ["getLatestCsvDatasetFromS3", aws.getLatestCsvDatasetFromS3, ["bucket"]],
  ["getLatestParquetDatasetFromS3", aws.getLatestParquetDatasetFromS3, ["bucket"]],
  ["getDatasetFromS3", aws.getDatasetFromS3, [{ bucket: "bucket", key: "a_2021-07-03.csv" }]],
  ["putCsvDatasetToS3", aws.putCsvDatasetToS3, [table]],
  ["putParquetDatasetToS3", aws.putParquetDatasetToS3, [table]],
  ["putObjectToS3", aws.putObjectToS3, [bytes]],
  ["putFileToS3", aws.putFileToS3, ["file.csv"]],
  ["getLatestModelFromS3", aws.getLatestModelFromS3, [[], "bucket"]],
  ["getModelFromS3", aws.getModelFromS3, [[], "bucket", "a_2021-07-03.json"]],
  ["verifyModel", aws.verifyModel, ["bucket", "a_2021-07-03.json"]],
  ["signModel", aws.signModel, ["bucket", "a_2021-07-03.json"]],
  ["promoteModel", aws.promoteModel, ["bucket", "name", "a_2021-07-03.json"]],
  ["rollBackModel", aws.rollBackModel, ["bucket", "name"]],
  ["getAlias", aws.getAlias, ["bucket", "name", "production"]],
  ["listAliasHistory", aws.listAliasHistory, ["bucket", "name", "production"]],
  ["listModels", aws.listModels, ["bucket", "name"]],
  ["pruneModels", aws.pruneModels, ["bucket", "name"]],
  ["probeServer", aws.probeServer, ["bucket"]],
  ["createCommand", createCommand, []],
  ["Model.putModelToS3", model.putModelToS3.bind(model), []],
  ["createS3Client", aws.createS3Client, []],
  ["configureLogger", configureLogger, []],
  ["readCsv", readCsv, [stream()]],
  ["readParquet", readParquet, [stream()]],
  ["readParquetBatches", readParquetBatches, [stream()]],
  ["writeParquet", writeParquet, [table]],
];

class Settings {
  readonly #folder = "datasets";

  get folder(): string {
    return this.#folder;
  }
}

test.each([
  ["null", null],
  ["an array", [["folder", "datasets"]]],
  ["a Map", new Map([["folder", "datasets"]])],
  ["an instance whose options are not its own", new Settings()],
])("rejects %s in place of options", async (_, options) => {
  for (const [, call, args] of CALLS) {
    const outcome = (async () => outcomeOf(call, [...args, options]))();
    await expect(outcome).rejects.toThrow(TypeError);
    await expect(outcome).rejects.toThrow(
      /^options is [^\n]+, expected an object such as \{ folder: "datasets" \}$/,
    );
  }
});

const search = ["bucket"];
const reference = [{ bucket: "bucket", key: "a_2021-07-03.csv" }];
test.each<[call: unknown, args: readonly unknown[], options: object, message: string]>([
  [aws.putObjectToS3, [bytes], { overwrite: "no" }, "overwrite is 'no', expected true or false"],
  [aws.putFileToS3, ["file.csv"], { skipUnchanged: 1 }, "skipUnchanged is 1, expected true or false"],
  [
    aws.getLatestCsvDatasetFromS3,
    search,
    { recursive: "false" },
    "recursive is 'false', expected true or false",
  ],
  [aws.getLatestCsvDatasetFromS3, search, { recursive: null }, "recursive is null, expected true or false"],
  [aws.getLatestCsvDatasetFromS3, search, { folder: 3 }, "folder is 3, expected text"],
  [aws.getLatestCsvDatasetFromS3, search, { client: {} }, "client is {}, expected an S3Client"],
  [aws.getLatestCsvDatasetFromS3, search, { client: "a" }, "client is 'a', expected an S3Client"],
  [aws.getLatestCsvDatasetFromS3, search, { signal: 3 }, "signal is 3, expected an AbortSignal"],
  [aws.getLatestCsvDatasetFromS3, search, { onProgress: true }, "onProgress is true, expected a function"],
  [
    aws.getLatestCsvDatasetFromS3,
    search,
    { headers: new Headers() },
    "headers is of type Headers, expected an object",
  ],
  [
    aws.getLatestCsvDatasetFromS3,
    search,
    { headers: new Map() },
    "headers is of type Map, expected an object",
  ],
  [
    aws.getLatestCsvDatasetFromS3,
    search,
    { nullValues: "NA" },
    "nullValues is 'NA', expected an array of texts",
  ],
  [aws.getDatasetFromS3, reference, { columnNames: "ab" }, "columnNames is 'ab', expected an array of texts"],
  [aws.getDatasetFromS3, reference, { columns: "a" }, "columns is 'a', expected an array of texts"],
  [
    readCsv,
    [bytes],
    { nullValues: ["NA", null] },
    "nullValues is [ 'NA', null ], expected an array of texts",
  ],
  [readParquet, [bytes], { columns: "a" }, "columns is 'a', expected an array of texts"],
  [aws.createS3Client, [], { config: "eu" }, "config is 'eu', expected a plain object"],
])("rejects a value of the wrong type: %p %j %j", async (call, args, options, message) => {
  const outcome = (async () => outcomeOf(call, [...args, options]))();
  await expect(outcome).rejects.toThrow(TypeError);
  await expect(outcome).rejects.toThrow(message);
});

test.each<[string, unknown, string]>([
  [
    "with unknown names",
    { bucket: "b", key: "k", Hash: "h" },
    'reference: "Hash" is unknown, expected bucket, key, hash',
  ],
  ["of another type", { bucket: "b", key: "k", versionId: 3 }, "reference.versionId is 3, expected text"],
  ["that is null", null, "reference is null, expected a plain object"],
])("rejects a reference %s", async (_, given, message) => {
  const got = untyped(aws.getDatasetFromS3)(given);
  await expect(got).rejects.toThrow(TypeError);
  await expect(got).rejects.toThrow(message);
});

test.each<[string, object, string]>([
  ["unknown properties", { metaData: {} }, 'properties: "metaData" is unknown, expected name, model, '],
  ["metadata that are no object", { metadata: "a" }, "properties.metadata is 'a', expected a plain object"],
  [
    "an unknown name in the reference",
    { trainDataset: { ...properties.trainDataset, versionID: "a" } },
    'trainDataset: "versionID" is unknown, expected bucket,',
  ],
])("rejects a model with %s", (_, changed, message) => {
  expect(() => new aws.Model({ ...properties, ...changed })).toThrow(new RegExp(`^${message}`));
});

const data = { features: [], target: { name: "t", type: "number" }, train: { columns: [], target: [1] } };
const metrics = (options: unknown): object => ({
  modelClass: { predict: () => 0 },
  metrics: { r_squared: options },
});
test.each<[call: unknown, options: unknown, message: string]>([
  [runProgram, null, "options is null, expected an object"],
  [runProgram, "a", "options is 'a', expected an object"],
  [runProgram, { Name: "a" }, 'option "Name" is unknown, expected name, description,'],
  [runTrainStage, null, "options is null, expected an object"],
  [
    runTrainStage,
    metrics({ better: "more" }),
    "metric r_squared.better is 'more', expected 'greater' or 'less'",
  ],
  [
    runTrainStage,
    metrics({ better: "less", gate: "no" }),
    "metric r_squared.gate is 'no', expected true or false",
  ],
  [flagOption, { descripton: "a" }, 'option "descripton" is unknown, expected description,'],
  [profileModel, null, "data is null, expected a plain object"],
  [profileModel, "a", "data is 'a', expected a plain object"],
  [profileModel, { ...data, prediction: [1] }, 'data: "prediction" is unknown, expected features,'],
])("rejects the options of a program or a profile: %p %j", async (call, options, message) => {
  const outcome = (async () => untyped(call)(options))();
  await expect(outcome).rejects.toThrow(TypeError);
  await expect(outcome).rejects.toThrow(message);
});

describe("a message about a value", () => {
  test("is one line for an array", async () => {
    const columns = Array.from({ length: 30 }, (_, i) => i);
    const got = untyped(readParquet)(bytes, { columns });
    await expect(got).rejects.toThrow(/^columns is \[ 0, 1, 2, 3, [^\n]+, expected an array of texts$/);
  });

  test("escapes its control characters", async () => {
    const separator = "\u2028";
    const control = "\u009b";
    await expect(untyped(aws.getLatestModelFromS3)([], `a\n${control}${separator}b`)).rejects.toThrow(
      String.raw`bucket "a\n\u009b\u2028b" cannot be used`,
    );
    expect(new aws.ArtefactExistsError(`s3://b/a\tb\r\n: it exists${control}`).message).toBe(
      String.raw`s3://b/a\tb\r\n: it exists\u009b`,
    );
    expect(() => new aws.Model({ ...properties, ...{ [`a${separator}`]: 1 } })).toThrow(
      String.raw`properties: "a\u2028" is unknown`,
    );
  });
});

// As Python users write it: get_latest_csv_dataset_from_s3("bucket", "datasets").
test.each(CALLS)("rejects options that are not an object: %s", async (_name, call, args) => {
  const outcome = (async () => outcomeOf(call, [...args, "datasets"]))();
  await expect(outcome).rejects.toThrow(
    new TypeError(`options is 'datasets', expected an object such as { folder: "datasets" }`),
  );
});

test.each(CALLS)("rejects an unknown option and names the known ones: %s", async (_name, call, args) => {
  const outcome = (async () => outcomeOf(call, [...args, { Folder: "datasets" }]))();
  await expect(outcome).rejects.toThrow(TypeError);
  await expect(outcome).rejects.toThrow(/^option "Folder" is unknown, expected \w+/);
});

test("names the options of a search and of its reader together", async () => {
  const latest = untyped(aws.getLatestCsvDatasetFromS3)("bucket", { Folder: "datasets" });
  await expect(latest).rejects.toThrow(
    /^option "Folder" is unknown, expected folder, filenamePrefix, .*, signal, onProgress, .*, delimiter, .*, schema$/,
  );
});
