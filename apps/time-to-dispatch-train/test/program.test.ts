import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { LocalS3 } from "@ml-pipelines/local-s3";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import { getLatestModelFromS3 } from "@ml-pipelines/pipeline-utils";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import { startFaultProxy } from "../../../packages/pipeline-utils/test/support/fault-proxy.js";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const DATASET = "datasets/time_to_dispatch_2021-07-01T16|45|38.csv";
const sample = sampleDataset();
const [header = "", firstRow = ""] = sample.split("\n");

let directory: string;
let server: LocalS3;
let client: S3Client;

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "train-"));
  server = await startLocalS3({ directory });
  client = new S3Client({
    endpoint: server.endpoint,
    region: server.region,
    forcePathStyle: true,
    credentials: server,
  });
});

afterAll(async () => {
  client.destroy();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A bucket of its own for each test, with one dataset or none. */
async function bucketWith(csv?: string | Buffer): Promise<string> {
  const Bucket = `train-${Math.random().toString(36).slice(2)}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  if (csv !== undefined) await client.send(new PutObjectCommand({ Bucket, Key: DATASET, Body: csv }));
  return Bucket;
}

async function models(Bucket: string): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "models/" }));
  return Contents.map(({ Key = "" }) => Key);
}

/** Run the program to its end, or until it is told to stop: by SIGTERM, at some event or some words of its output. */
function train(
  args: readonly string[],
  env: Record<string, string> = {},
  stopWhen?: Promise<unknown> | string,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      {
        env: {
          PATH: process.env.PATH,
          AWS_ENDPOINT_URL_S3: server.endpoint,
          AWS_DEFAULT_REGION: server.region,
          AWS_ACCESS_KEY_ID: server.accessKeyId,
          AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
          ...env,
        },
      },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
      },
    );
    if (typeof stopWhen === "string") {
      for (const stream of [child.stdout, child.stderr])
        stream?.on("data", (text: string) => text.includes(stopWhen) && child.kill("SIGTERM"));
    } else void stopWhen?.then(() => child.kill("SIGTERM"));
  });
}

describe("time-to-dispatch-train", () => {
  test("trains on the newest dataset and keeps the model with its lineage", async () => {
    const bucket = await bucketWith(sample);
    const { code, output } = await train([bucket, "0.8", "0.9"], { GIT_COMMIT_HASH: "ed3113197adc" });
    expect(output).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - INFO - train_model\.main - Starting train-model stage\.\n/,
    );
    expect(output).toContain(`Retrieved dataset from s3://${bucket}/${DATASET}`);
    expect(output).toMatch(/Trained model: r-squared=0\.\d{3}, MAE=0\.\d{3}\n/);
    const [key] = await models(bucket);
    expect(output).toContain(`Model serialised and persisted to s3://${bucket}/${key}`);
    expect(key).toMatch(/^models\/time-to-dispatch_\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\.json$/);
    expect(code).toBe(0);

    const model = await getLatestModelFromS3(dtRegression, bucket, { folder: "models", client });
    expect(String(model)).toMatch(
      /^name:time-to-dispatch\|model_type:DTRegression\|model_timestamp:.*\|model_hash:[0-9a-f]{32}\|train_dataset_key:datasets\/time_to_dispatch_2021-07-01T16\|45\|38\.csv\|train_dataset_hash:[0-9a-f]{32}\|pipeline_git_commit_hash:ed3113197adc$/,
    );
    expect(model.features).toEqual([
      {
        name: "product_code",
        type: "category",
        categories: ["SKU001", "SKU002", "SKU003", "SKU004", "SKU005"],
      },
      { name: "orders_placed", type: "number", minimum: 0 },
    ]);
    expect(model.metadata).toMatchObject({ rows: { train: 800, test: 200 }, examples: expect.any(Array) });
  });

  test("trains on a dataset that pandas wrote with its index", async () => {
    const lines = sample.trimEnd().split("\n");
    const indexed = lines.map((line, index) => `${index === 0 ? "" : index - 1},${line}\n`);
    const bucket = await bucketWith(indexed.join(""));
    const { code } = await train([bucket, "0.8", "0.9"]);
    expect([code, (await models(bucket)).length]).toEqual([0, 1]);
  });

  test("a metric below the error threshold keeps no model", async () => {
    const bucket = await bucketWith(sample);
    const { code, output } = await train([bucket, "1", "1"]);
    expect(output).toMatch(
      /ERROR - train_model\.main - Error encountered when training model - r-squared metric \(0\.\d{3}\) is below deployment threshold 1\n/,
    );
    expect(code).toBe(2);
    expect(await models(bucket)).toEqual([]);
  });

  test("a metric between the thresholds warns and keeps the model", async () => {
    const bucket = await bucketWith(sample);
    const { code, output } = await train([bucket, "0.5", "1"]);
    expect(output).toMatch(
      /WARNING - train_model\.main - Metrics breached warning threshold - check for drift: r-squared=0\.\d{3} is below 1\n/,
    );
    expect(code).toBe(0);
    expect(await models(bucket)).toHaveLength(1);
  });

  test("a warning threshold that can never fire is said so", async () => {
    const { output } = await train([await bucketWith(sample), "0.8", "0.5"]);
    expect(output).toContain(
      "WARNING - train_model.main - The warning threshold 0.5 is below the error threshold 0.8: it can never fire.",
    );
  });

  test("says what it waits for when storage is slow down to the last request", async () => {
    const bucket = await bucketWith(sample);
    const failed = new Set<string>();
    // The first request of each method is refused: the listing, and the writing of the model.
    const proxy = await startFaultProxy(server.endpoint, ({ method }) => {
      if (failed.has(method)) return { kind: "pass" };
      failed.add(method);
      return { kind: "answer", status: 503 };
    });
    const { code, output } = await train([bucket, "0.8", "0.9"], { AWS_ENDPOINT_URL_S3: proxy.endpoint });
    await proxy.stop();
    expect(failed).toContain("PUT");
    expect(output.match(/ - WARNING - train_model\.main - S3 attempt 1 failed.*503/g)).toHaveLength(
      failed.size,
    );
    expect(code).toBe(0);
    expect(await models(bucket)).toHaveLength(1);
  });

  test("prints help and version", async () => {
    expect(await train(["--help"])).toEqual({
      code: 0,
      output: expect.stringContaining("usage: time-to-dispatch-train S3_BUCKET"),
    });
    expect(await train(["--version"])).toEqual({
      code: 0,
      output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

describe("what ends in one clear line, with nothing written", () => {
  async function expectFailure(
    bucket: string,
    code: number,
    messages: string[],
    env?: Record<string, string>,
  ) {
    const result = await train([bucket, "0.8", "0.9"], env);
    const errors = result.output.split("\n").filter((line) => line.includes(" - ERROR - "));
    expect(errors).toHaveLength(1);
    for (const message of messages) expect(errors[0]).toContain(message);
    expect(result.output).not.toMatch(/^ +at /m);
    expect(result.code).toBe(code);
  }

  test.each([
    [
      "no label column",
      ["orders_placed,product_code", "3,SKU001"].join("\n"),
      'column "hours_to_dispatch" is missing',
    ],
    ["a product code of another form", `${sample}1,2,ABC\n`, 'line 1002: product_code is "ABC"'],
    ["text among the numbers", `${sample}ten,2,SKU001\n`, 'line 1002: hours_to_dispatch is "ten"'],
    ["zero rows", `${header}\n`, "no rows below the header"],
    ["zero bytes", Buffer.alloc(0), "empty"],
    ["a cut in the last row", `${header}\n${firstRow}\n1.5,2`, "line 3"],
    ["a cut in the last value", sample.slice(0, -4), "product_code is"],
    ["no UTF-8", Buffer.from(`${sample}1,2,SKU\u00e901\n`, "latin1"), "UTF-8"],
  ])("a dataset with %s", async (_, csv, message) => {
    const bucket = await bucketWith(csv);
    await expectFailure(bucket, 2, [`s3://${bucket}/${DATASET}`, message]);
    expect(await models(bucket)).toEqual([]);
  });

  test("an empty bucket", async () => {
    const bucket = await bucketWith();
    await expectFailure(bucket, 2, [`s3://${bucket}/datasets/: no timestamped .csv file`]);
  });

  test("a missing bucket", async () => {
    await expectFailure("there-is-no-such-bucket", 2, ["s3://there-is-no-such-bucket", "NoSuchBucket"]);
  });

  test("refused credentials", async () => {
    const bucket = await bucketWith(sample);
    await expectFailure(bucket, 2, [`s3://${bucket}`, "SignatureDoesNotMatch"], {
      AWS_SECRET_ACCESS_KEY: "wrong",
    });
    await expectFailure(bucket, 2, [`s3://${bucket}`, "InvalidAccessKeyId"], { AWS_ACCESS_KEY_ID: "nobody" });
    expect(await models(bucket)).toEqual([]);
  });

  test("a server that is down", async () => {
    const bucket = await bucketWith(sample);
    await expectFailure(bucket, 1, [`s3://${bucket}`, "127.0.0.1:9"], {
      AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
    });
  });

  test("no credentials at all", async () => {
    await expectFailure("bucket", 2, ["s3://bucket", "credentials"], {
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
      AWS_EC2_METADATA_DISABLED: "true",
    });
  });

  test("a deadline that has passed", async () => {
    const bucket = await bucketWith(sample);
    const { code, output } = await train([bucket, "0.8", "0.9", "--max-seconds", "0.01"]);
    expect(output).toContain(
      "ERROR - train_model.main - Error encountered when training model - the stage took longer than --max-seconds 0.01\n",
    );
    expect(code).toBe(1);
    expect(await models(bucket)).toEqual([]);
  });

  test("a signal to stop", async () => {
    const hanging = createServer(() => undefined);
    await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
    const { port } = hanging.address() as AddressInfo;
    const asked = once(hanging, "connection");
    const ended = train(["bucket", "0.8", "0.9"], { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` }, asked);
    const { code, output } = await ended;
    hanging.close();
    expect(output).toContain(
      "ERROR - train_model.main - Error encountered when training model - stopped by SIGTERM\n",
    );
    expect(code).toBe(1);
  });

  test("a signal or a deadline within a search of many rows, whose first growths take seconds", async () => {
    const bucket = await bucketWith(sampleDataset({ rows: 500_000 }));
    const stopped = await train([bucket, "0.8", "0.9"], {}, "Retrieved dataset");
    expect(stopped.output).toContain(
      "ERROR - train_model.main - Error encountered when training model - stopped by SIGTERM\n",
    );
    const late = await train([bucket, "0.8", "0.9", "--max-seconds", "0.7"]);
    expect(late.output).toContain("the stage took longer than --max-seconds 0.7\n");
    for (const { code, output } of [stopped, late]) {
      expect(output).not.toContain("Trained model");
      expect(code).toBe(1);
    }
    expect(await models(bucket)).toEqual([]);
  });

  test("a log level that does not exist", async () => {
    const result = await train([await bucketWith(sample), "0.8", "0.9"], { LOG_LEVEL: "LOUD" });
    expect(result).toEqual({ code: 2, output: expect.stringContaining("LOUD") });
  });
});
