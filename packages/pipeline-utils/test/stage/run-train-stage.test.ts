import { fileURLToPath } from "node:url";

import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { getLatestModelFromS3 } from "@ml-pipelines/pipeline-utils";
import type { JsonValue, ModelClass } from "@ml-pipelines/pipeline-utils";

import { runChild } from "@ml-pipelines/test-support/run-child";
import type { Run, RunOptions } from "@ml-pipelines/test-support/run-child";
import { startTestS3 } from "../support/test-s3.js";
import type { TestS3 } from "../support/test-s3.js";
import { bucketWith, DISPATCH_CSV, DISPATCH_DATASET, DISPATCH_HEADER } from "../support/train-bucket.js";
import { environmentOf, keysBelow } from "@ml-pipelines/test-support/test-storage";

const PROGRAM = fileURLToPath(new URL("fixtures/dispatch-stage.mjs", import.meta.url));
const raw: ModelClass<JsonValue> = { modelType: "Slopes", toJSON: (json) => json, fromJSON: (json) => json };

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

/** Run the stage; `environment` may hold VARIANT and SLOPE. */
const train = (
  args: readonly string[],
  environment: Record<string, string> = {},
  options: RunOptions = {},
): Promise<Run> => runChild(PROGRAM, args, { ...options, env: { ...environmentOf(s3), ...environment } });

const modelsIn = (bucket: string) => keysBelow(s3.client, bucket, "models/");
const latestModel = (bucket: string) =>
  getLatestModelFromS3(raw, bucket, { folder: "models", client: s3.client });

describe("runTrainStage", () => {
  test("trains on the newest dataset and puts the model with its metadata", async () => {
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: DISPATCH_CSV });
    const { code, stdout } = await train([bucket, "0.8", "0.9"]);
    expect(stdout.replaceAll(/^[-\d]+ [:,\d]+ - /gm, "")).toMatch(
      new RegExp(
        [
          "^INFO - train_dispatch.main - Starting train-model stage.",
          `INFO - train_dispatch.main - Retrieved dataset from s3://${bucket}/${DISPATCH_DATASET}`,
          "INFO - train_dispatch.main - The dataset is not compared with an earlier one: there is no earlier model",
          "INFO - train_dispatch.main - Trained model: r-squared=0\\.\\d{3}",
          `INFO - train_dispatch.main - Model serialised and persisted to s3://${bucket}/models/dispatch_.*Z\\.json`,
          `INFO - train_dispatch.main - Model card persisted to s3://${bucket}/reports/dispatch_.*Z\\.html\n$`,
        ].join("\n"),
      ),
    );
    expect(code).toBe(0);
    const model = await latestModel(bucket);
    expect(model).toMatchObject({
      name: "dispatch",
      modelType: "Slopes",
      trainDataset: { bucket, key: DISPATCH_DATASET },
      target: { name: "hours", type: "number", unit: "hours" },
      metadata: {
        trained_by: "hand",
        metrics: { r_squared: expect.any(Number) },
        rows: { train: 90, test: 30 },
        profile: {
          features: {
            product: { type: "category", count: 90 },
            orders: { type: "number", count: 90 },
            express: { type: "boolean", count: 90 },
          },
          target: { count: 90 },
          predictions: { count: 30 },
        },
        // Each prediction is off by half an hour. No value of `express` has the 50 rows for an interval of its own.
        interval: { level: 0.9, n: 30, q: expect.closeTo(0.5, 9) },
        evaluation: {
          actual: { length: 30 },
          predicted: { length: 30 },
          feature: "express",
          groups: { length: 30 },
        },
        importance: {
          metric: "mean_absolute_error",
          rows: 30,
          features: { product: expect.any(Number), orders: expect.any(Number), express: expect.any(Number) },
        },
        gate: { metric: "r_squared", better: "greater", error_threshold: 0.8, warning_threshold: 0.9 },
      },
    });
    expect(model.features.map(({ name }) => name)).toEqual(["product", "orders", "express"]);
  });

  test("writes the model's card beside it, with the same timestamp", async () => {
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: DISPATCH_CSV });
    await train([bucket, "0.8", "0.9"]);
    const [key = ""] = await modelsIn(bucket);
    const card = key.replace("models/", "reports/").replace(".json", ".html");
    expect(await keysBelow(s3.client, bucket, "reports/")).toEqual([card]);
    const { Body, ContentType } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: card }));
    expect(ContentType).toBe("text/html; charset=utf-8");
    const html = await Body?.transformToString();
    expect(html).toContain(`<dd>s3://${bucket}/${key}</dd>`);
    expect(html).toContain("<li>predictions increase with orders, from 10 to 20</li>");
  });

  test("keeps examples that differ in the feature with the fewest categories, in the form of requests", async () => {
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: DISPATCH_CSV });
    await train([bucket, "0.8", "0.9"]);
    const { metadata } = await latestModel(bucket);
    // Boolean `express` has two values, `product` three. Deciles of `orders` are whole numbers.
    const example = (express: boolean, orders: number) => {
      const hours = 0.125 * orders * (express ? 0.5 : 1);
      return { product: "cups", orders, express, prediction: hours };
    };
    expect(metadata.examples).toEqual([
      ...[23, 70, 117].map((orders) => example(false, orders)),
      ...[23, 70, 117].map((orders) => example(true, orders)),
    ]);
  });

  test("keeps an interval for each category with 50 held-out rows, and at most 1,000 of these rows", async () => {
    const rows = DISPATCH_CSV.slice(DISPATCH_HEADER.length).trimEnd().split("\n");
    const many = DISPATCH_HEADER + Array.from({ length: 40 }, () => `${rows.join("\n")}\n`).join("");
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: many });
    expect(await train([bucket, "0.8", "0.9"])).toMatchObject({ code: 0 });
    const { metadata } = await latestModel(bucket);
    expect(metadata.interval).toEqual({
      level: 0.9,
      n: 1_200,
      q: expect.closeTo(0.5, 9),
      feature: "express",
      categories: { false: { n: 1_200, q: expect.closeTo(0.5, 9) } },
    });
    expect(metadata.evaluation).toMatchObject({ actual: { length: 1_000 }, predicted: { length: 1_000 } });
  });

  test("predicts classes and judges them by their accuracy", async () => {
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: DISPATCH_CSV });
    const { code, stdout } = await train([bucket, "0.8", "0.9"], { VARIANT: "classes" });
    expect(stdout).toMatch(/Trained model: accuracy=(1\.000|0\.9\d\d)\n/);
    expect(code).toBe(0);
    const { target, metadata } = await latestModel(bucket);
    expect(target).toEqual({ name: "is_late", type: "category", categories: ["punctual", "late"] });
    expect(metadata).toMatchObject({
      profile: { target: { type: "category", counts: { punctual: expect.any(Number) } } },
      examples: expect.arrayContaining([expect.objectContaining({ prediction: "punctual" })]),
      evaluation: { actual: expect.arrayContaining(["late"]), predicted: expect.arrayContaining(["late"]) },
    });
    expect(metadata).not.toHaveProperty("interval");
  });

  test("accepts a delivery with the index that pandas writes", async () => {
    const indexed = DISPATCH_CSV.trimEnd()
      .split("\n")
      .map((line, row) => `${row === 0 ? "" : row - 1},${line}\n`);
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: indexed.join("") });
    expect(await train([bucket, "0.8", "0.9"])).toMatchObject({ code: 0 });
  });

  test("names the thresholds after the gated metric in --help", async () => {
    const { stdout } = await train(["--help"], { VARIANT: "mean-error" });
    expect(stdout).toContain(
      "usage: dispatch-train S3_BUCKET MEAN_ABSOLUTE_ERROR_ERROR_THRESHOLD MEAN_ABSOLUTE_ERROR_WARNING_THRESHOLD [--max-seconds N] [--allow-future] [--max-drift PSI] [--on-failure URL] [--champion ALIAS] [--promote ALIAS] [--if-new]\n",
    );
    expect(stdout).toContain("a model whose MAE is above this is not kept");
  });
});

describe("the gate of a train stage", () => {
  let bucket: string;
  beforeAll(async () => {
    bucket = await bucketWith(s3, { [DISPATCH_DATASET]: DISPATCH_CSV });
  });

  test.each([
    ["r-squared", ["1", "1"], /r-squared metric \(0\.99\d\) is below deployment threshold 1\n/],
    ["mean-error", ["0.4", "0.3"], /MAE metric \(0\.500\) is above deployment threshold 0\.4\n/],
  ])("rejects a model by %s that is worse than the error threshold", async (VARIANT, thresholds, message) => {
    const before = await modelsIn(bucket);
    const { code, stdout } = await train([bucket, ...thresholds], { VARIANT });
    expect(stdout).toMatch(message);
    expect(stdout).toContain("ERROR - train_dispatch.main - Error encountered when training model - ");
    expect(code).toBe(2);
    expect(await modelsIn(bucket)).toEqual(before);
  });

  test.each([
    ["r-squared", ["0.5", "1"], /drift: r-squared=0\.99\d is below 1\n/],
    ["mean-error", ["0.6", "0.4"], /drift: MAE=0\.500 is above 0\.4\n/],
  ])(
    "warns of a model by %s that is worse than the warning threshold, and keeps it",
    async (VARIANT, thresholds, message) => {
      const { code, stdout } = await train([bucket, ...thresholds], { VARIANT });
      expect(stdout).toMatch(
        /WARNING - train_dispatch\.main - Metrics breached warning threshold - check for drift: /,
      );
      expect(stdout).toMatch(message);
      expect(stdout).toContain("Model serialised and persisted");
      expect(code).toBe(0);
    },
  );

  test.each([
    [
      "r-squared",
      ["0.8", "0.5"],
      "The warning threshold 0.5 is below the error threshold 0.8: it can never fire.",
    ],
    [
      "mean-error",
      ["0.6", "2"],
      "The warning threshold 2 is above the error threshold 0.6: it can never fire.",
    ],
  ])("warns of a warning threshold by %s that can never fire", async (VARIANT, thresholds, message) => {
    const { stdout } = await train([bucket, ...thresholds], { VARIANT });
    expect(stdout).toContain(`WARNING - train_dispatch.main - ${message}`);
  });

  test("limits thresholds of r-squared to 1, and those of errors not at all", async () => {
    const { code, stdout } = await train([bucket, "2", "1"]);
    expect(stdout).toContain('R_SQUARED_ERROR_THRESHOLD is "2", expected a number in (0, 1]');
    expect(code).toBe(2);
    expect(await train([bucket, "2", "1"], { VARIANT: "mean-error" })).toMatchObject({ code: 0 });
  });

  test("keeps any model when no metric is gated, and logs the project's own metrics", async () => {
    const { code, stdout } = await train([bucket], { VARIANT: "own-metric" });
    expect(stdout).toContain("Trained model: greatest-error=0.500\n");
    expect(code).toBe(0);
  });
});

describe("the dataset of a train stage", () => {
  const FUTURE = "datasets/dispatch_2999-01-01T00:00:00.csv";

  test("ignores a newer file of another name", async () => {
    const bucket = await bucketWith(s3, {
      [DISPATCH_DATASET]: DISPATCH_CSV,
      "datasets/budget_2027-01-01.csv": "year,sum\n2027,1\n",
    });
    const { code, stdout } = await train([bucket, "0.8", "0.9"]);
    expect(stdout).toContain(`Retrieved dataset from s3://${bucket}/${DISPATCH_DATASET}\n`);
    expect(stdout).not.toContain("WARNING");
    expect(code).toBe(0);
  });

  test("skips a file dated ahead of the clock with a warning", async () => {
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: DISPATCH_CSV, [FUTURE]: "not,a,dataset\n" });
    const { code, stdout } = await train([bucket, "0.8", "0.9"]);
    expect(stdout).toContain(
      `WARNING - train_dispatch.main - Passed over s3://${bucket}/${FUTURE}: it is dated more than 24 hours ahead of the clock.`,
    );
    expect(stdout).toContain(`Retrieved dataset from s3://${bucket}/${DISPATCH_DATASET}\n`);
    expect(code).toBe(0);
  });

  test("uses a file dated ahead of the clock when --allow-future is given", async () => {
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: "not,a,dataset\n", [FUTURE]: DISPATCH_CSV });
    const { code, stdout } = await train([bucket, "0.8", "0.9", "--allow-future"]);
    expect(stdout).toContain(`Retrieved dataset from s3://${bucket}/${FUTURE}\n`);
    expect(stdout).not.toContain("WARNING");
    expect(code).toBe(0);
  });

  test("uses a file dated within the next day", async () => {
    const soon = new Date(Date.now() + 20 * 3_600_000).toISOString().slice(0, 19);
    const key = `datasets/dispatch_${soon}.csv`;
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: "not,a,dataset\n", [key]: DISPATCH_CSV });
    const { stdout } = await train([bucket, "0.8", "0.9"]);
    expect(stdout).toContain(`Retrieved dataset from s3://${bucket}/${key}\n`);
  });
});

describe("a failing train stage", () => {
  /** Run the stage on a dataset that makes it fail. */
  async function fail(csv: string, environment: Record<string, string> = {}, options: RunOptions = {}) {
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: csv });
    const run = await train([bucket, "0.8", "0.9"], environment, options);
    expect(await modelsIn(bucket)).toEqual([]);
    const lines = run.stdout.split("\n").filter((line) => line.includes(" - ERROR - "));
    expect(lines).toHaveLength(1);
    return { code: run.code, line: lines[0] ?? "", address: `s3://${bucket}/${DISPATCH_DATASET}` };
  }

  test("writes nothing after a bad delivery, and reports its violations together", async () => {
    const { code, line, address } = await fail(`${DISPATCH_HEADER.trim()},note\ncups,5000,true,1,x\n`);
    expect(line).toContain(
      `Error encountered when training model - ${address} is a bad delivery: column "note" is unknown, ` +
        "expected product, orders, express, hours; orders is 5000, expected at most 1000",
    );
    expect(code).toBe(2);
  });

  test("writes nothing after an empty delivery", async () => {
    const { code, line, address } = await fail(DISPATCH_HEADER);
    expect(line).toContain(`${address} is a bad delivery: no rows below the header`);
    expect(code).toBe(2);
  });

  test("writes nothing after a delivery that breaks the schema", async () => {
    const { code, line, address } = await fail(`${DISPATCH_HEADER}forks,1,true,1\n`);
    expect(line).toContain(`${address} line 2: product is "forks", expected one of`);
    expect(code).toBe(2);
  });

  test("writes nothing after failed checks, and reports them with inputs and predictions", async () => {
    const { code, line } = await fail(DISPATCH_CSV, { SLOPE: "-1" });
    expect(line).toContain(
      "Error encountered when training model - Trained model failed verification: hours predictions do not increase with orders " +
        "(product cups, orders 10, express true: -5.000 hours, orders 20: -10.000 hours; ",
    );
    expect(line).toContain(
      ", negative hours predictions found for test set (product cups, orders 10, express false: -10.000 hours; ",
    );
    expect(line).toContain("; and 25 more).");
    expect(code).toBe(2);
  });

  test("writes nothing after predictions that are not numbers", async () => {
    const { code, line } = await fail(DISPATCH_CSV, { SLOPE: "NaN" });
    expect(line).toContain("hours predictions found for test set that are not finite numbers");
    expect(code).toBe(2);
  });

  test("writes nothing after the deadline", async () => {
    const bucket = await bucketWith(s3, { [DISPATCH_DATASET]: DISPATCH_CSV });
    const run = await train([bucket, "0.8", "0.9", "--max-seconds", "2"], { VARIANT: "slow" });
    expect(run.stdout).toContain("the stage took longer than --max-seconds 2\n");
    expect(run.code).toBe(1);
    expect(await modelsIn(bucket)).toEqual([]);
  });

  test("writes nothing after SIGTERM while it trains", async () => {
    const onOutput: RunOptions["onOutput"] = (text, child) => {
      if (text.includes("Retrieved dataset")) {
        child.kill("SIGTERM");
      }
    };
    const { code, line } = await fail(DISPATCH_CSV, { VARIANT: "slow" }, { onOutput });
    expect(line).toContain("Error encountered when training model - stopped by SIGTERM");
    expect(code).toBe(1);
  });

  test("writes nothing when the bucket has no dataset of the name", async () => {
    const bucket = await bucketWith(s3, { "datasets/budget_2021-01-01.csv": DISPATCH_CSV });
    const { code, stdout } = await train([bucket, "0.8", "0.9"]);
    expect(stdout).toContain(`s3://${bucket}/datasets/: no timestamped .csv file named "dispatch"`);
    expect(code).toBe(2);
  });
});

describe("an unusable definition of a stage", () => {
  test.each([
    ["no-predict", "model class Mute has no predict: a training stage cannot evaluate its models"],
    ["two-gates", "metrics r_squared and mean_absolute_error are gated, expected one"],
    [
      "no-score",
      "metric speed has no score: expected a function, or one of r_squared, mean_absolute_error, accuracy",
    ],
  ])("throws a TypeError at once: %s", async (VARIANT, message) => {
    const { code, stderr } = await train(["--help"], { VARIANT });
    expect(stderr).toContain(`TypeError: ${message}`);
    expect(code).toBe(1);
  });
});
