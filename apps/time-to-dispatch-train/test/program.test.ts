import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { getLatestModelFromS3 } from "@ml-pipelines/pipeline-utils";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { DATASET, TrainProgram } from "./support/train-program.js";

const sample = sampleDataset();
const LATER_DATASET = "datasets/time_to_dispatch_2021-07-08T16|45|38.csv";

let program: TrainProgram;
beforeAll(async () => {
  program = await TrainProgram.start();
});
afterAll(() => program.stop());

describe("time-to-dispatch-train", () => {
  test("trains on the newest dataset and puts the model with its lineage", async () => {
    const bucket = await program.bucketWith(sample);
    const { code, output } = await program.run([bucket, "0.8", "0.9"], { GIT_COMMIT_HASH: "ed3113197adc" });
    expect(output).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - INFO - train_model\.main - Starting train-model stage\.\n/,
    );
    expect(output).toContain(`Retrieved dataset from s3://${bucket}/${DATASET}`);
    expect(output).toMatch(/Trained model: r-squared=0\.\d{3}, MAE=0\.\d{3}\n/);
    const [key] = await program.models(bucket);
    expect(output).toContain(`Model serialised and persisted to s3://${bucket}/${key}`);
    expect(key).toMatch(/^models\/time-to-dispatch_\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\.json$/);
    expect(code).toBe(0);

    const model = await getLatestModelFromS3(dtRegression, bucket, {
      folder: "models",
      client: program.client,
    });
    expect(String(model)).toMatch(
      /^name:time-to-dispatch\|model_type:DTRegression\|model_timestamp:.*\|model_hash:[0-9a-f]{32}\|train_dataset_key:datasets\/time_to_dispatch_2021-07-01T16\|45\|38\.csv\|train_dataset_hash:[0-9a-f]{32}\|pipeline_git_commit_hash:ed3113197adc$/,
    );
    expect(model.features).toEqual([
      {
        name: "product_code",
        type: "category",
        categories: ["SKU001", "SKU002", "SKU003", "SKU004", "SKU005"],
        description: "Code of the product",
      },
      {
        name: "orders_placed",
        type: "number",
        minimum: 0,
        description: "Orders placed for the product",
      },
    ]);
    expect(model.target).toEqual({ name: "hours_to_dispatch", type: "number", unit: "hours", minimum: 0 });
    expect(model.metadata).toMatchObject({
      rows: { train: 800, test: 200 },
      metrics: { r_squared: expect.any(Number), mean_absolute_error: expect.any(Number) },
      search: { points: 1620, folds: 5 },
      profile: { features: { orders_placed: { count: 800 } } },
    });
    expect(model.metadata.examples).toHaveLength(15);
  });

  test("names the products whose hours do not increase with orders", async () => {
    const lines = sample
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^[^,]+(?=.*SKU005)/, "3"));
    const bucket = await program.bucketWith(lines.join("\n"));
    const { code, output } = await program.run([bucket, "0.5", "0.5"]);
    expect(output).toContain(
      "Trained model failed verification: hours_to_dispatch predictions do not increase with orders_placed " +
        "(product_code SKU005, orders_placed 100: 3.000 hours, orders_placed 150: 3.000 hours).\n",
    );
    expect(code).toBe(2);
    expect(await program.models(bucket)).toEqual([]);
  });

  test("warns of hours that were multiplied by three, and keeps no model of them with --max-drift", async () => {
    const bucket = await program.bucketWith(sample);
    await program.run([bucket, "0.8", "0.9"]);
    const tripled = sample
      .trimEnd()
      .split("\n")
      .map((line, row) => (row === 0 ? line : line.replace(/^[^,]+/, (hours) => String(3 * Number(hours)))));
    await putPlain(program.client, bucket, LATER_DATASET, `${tripled.join("\n")}\n`);
    const refused = await program.run([bucket, "0.8", "0.9", "--max-drift", "0.25"]);
    expect(refused.output).toMatch(/ - WARNING - .*: hours_to_dispatch: median [\d.]+, was [\d.]+; deciles/);
    expect(refused.output).toMatch(
      / - ERROR - .* - the dataset has moved too far .*: hours_to_dispatch: median/,
    );
    expect(refused.code).toBe(2);
    expect(await program.models(bucket)).toHaveLength(1);
  });

  test("trains on a dataset that pandas wrote with its index", async () => {
    const lines = sample.trimEnd().split("\n");
    const indexed = lines.map((line, index) => `${index === 0 ? "" : index - 1},${line}\n`);
    const bucket = await program.bucketWith(indexed.join(""));
    const { code } = await program.run([bucket, "0.8", "0.9"]);
    expect([code, (await program.models(bucket)).length]).toEqual([0, 1]);
  });

  test("keeps no model when a metric is below the error threshold", async () => {
    const bucket = await program.bucketWith(sample);
    const { code, output } = await program.run([bucket, "1", "1"]);
    expect(output).toMatch(
      /ERROR - train_model\.main - Error encountered when training model - r-squared metric \(0\.\d{3}\) is below deployment threshold 1\n/,
    );
    expect(code).toBe(2);
    expect(await program.models(bucket)).toEqual([]);
  });

  test("warns and keeps the model when a metric is between the thresholds", async () => {
    const bucket = await program.bucketWith(sample);
    const { code, output } = await program.run([bucket, "0.5", "1"]);
    expect(output).toMatch(
      /WARNING - train_model\.main - Metrics breached warning threshold - check for drift: r-squared=0\.\d{3} is below 1\n/,
    );
    expect(code).toBe(0);
    expect(await program.models(bucket)).toHaveLength(1);
  });

  test("prints help and version", async () => {
    const usage =
      "usage: time-to-dispatch-train S3_BUCKET R_SQUARED_ERROR_THRESHOLD R_SQUARED_WARNING_THRESHOLD [--max-seconds N] [--allow-future] [--max-drift PSI] [--on-failure URL] [--champion ALIAS] [--promote ALIAS] [--if-new]\n";
    expect(await program.run(["--help"])).toEqual({ code: 0, output: expect.stringContaining(usage) });
    expect(await program.run(["--version"])).toEqual({
      code: 0,
      output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});
