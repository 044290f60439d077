import { expect, test } from "@jest/globals";
import * as aws from "@ml-pipelines/pipeline-utils/aws";
import { readCsv, readParquet, readParquetBatches, writeParquet } from "@ml-pipelines/pipeline-utils";
import { configureLogger } from "@ml-pipelines/pipeline-utils/logging";
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
  ["Model.putModelToS3", model.putModelToS3.bind(model), []],
  ["createS3Client", aws.createS3Client, []],
  ["configureLogger", configureLogger, []],
  ["readCsv", readCsv, [stream()]],
  ["readParquet", readParquet, [stream()]],
  ["readParquetBatches", readParquetBatches, [stream()]],
  ["writeParquet", writeParquet, [table]],
];

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
