import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { Model } from "@ml-pipelines/pipeline-utils/aws";
import type { Feature, Target } from "@ml-pipelines/pipeline-utils/aws";
import { profileModel } from "@ml-pipelines/pipeline-utils/monitoring";
import type { MonitoredDay, MonitoringResult } from "@ml-pipelines/pipeline-utils/monitoring";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { CommandBucket } from "../support/command-bucket.js";
import { properties } from "../support/constant-model.js";
import { startTestS3 } from "../support/test-s3.js";
import type { TestS3 } from "../support/test-s3.js";

const FIXTURES = path.join(import.meta.dirname, "..", "fixtures", "monitoring");
const PRODUCTS = ["SKU001", "SKU002", "SKU003"];
const FEATURES: readonly Feature[] = [
  { name: "product_code", type: "category", categories: PRODUCTS },
  { name: "orders_placed", type: "number", minimum: 0 },
];
const TARGET: Target = { name: "hours_to_dispatch", type: "number", unit: "hours" };
const NAME = "time-to-dispatch";
const LABELS = ["--labels", "labels/hours"];
const PERIOD = ["--from", "2021-07-04", "--to", "2021-07-07"];

let s3: TestS3;
let storage: CommandBucket;
/** Keys of the two models by their names in the fixtures. */
const models: Record<string, Model<{ readonly value: number }>> = {};
const keys: Record<string, string> = {};
beforeAll(async () => {
  s3 = await startTestS3();
  storage = await CommandBucket.create(s3);
  const profile = await trainingProfile();
  for (const [name, hour] of [
    ["newer", 12],
    ["older", 13],
  ] as const) {
    const creationTime = new Date(Date.UTC(2021, 6, 1, hour));
    const metadata = { profile: { ...profile, predictions: null } };
    const model = new Model({
      ...properties,
      model: { value: hour },
      features: FEATURES,
      target: TARGET,
      creationTime,
      metadata,
    });
    models[name] = model;
    keys[name] = (
      await model.putModelToS3({ bucket: storage.bucket, folder: "models", client: s3.client })
    ).key;
  }
  await putLog();
  await putPlain(
    s3.client,
    storage.bucket,
    "labels/hours_2021-07-01T08:00:00.csv",
    "id,hours_to_dispatch\n0001,1\n",
  );
  const labels = await readFile(path.join(FIXTURES, "labels.csv"), "utf8");
  await putPlain(s3.client, storage.bucket, "labels/hours_2021-07-08T08:00:00.csv", labels);
});
afterAll(() => s3.stop());

async function readFixture(file: string): Promise<Record<string, string>[]> {
  const [header = "", ...lines] = (await readFile(path.join(FIXTURES, file), "utf8")).trimEnd().split("\n");
  const names = header.split(",");
  return lines.map((line) =>
    Object.fromEntries(line.split(",").map((cell, column) => [names[column] ?? "", cell])),
  );
}

async function trainingProfile() {
  const rows = await readFixture("training.csv");
  const columns = [
    rows.map((row) => PRODUCTS.indexOf(row.product_code ?? "")),
    rows.map((row) => Number(row.orders_placed)),
  ];
  const target = rows.map((row) => Number(row.hours_to_dispatch));
  return profileModel({
    features: FEATURES,
    target: TARGET,
    train: { columns, target },
    predictions: target,
  });
}

/** Put the log: one object an hour. */
async function putLog(): Promise<void> {
  const hours = new Map<string, string[]>();
  for (const row of await readFixture("predictions.csv")) {
    const { time = "", id, model = "", product_code, orders_placed, prediction } = row;
    const line = {
      ...{ time, id, model_key: keys[model], model_hash: models[model]?.modelHash },
      inputs: { product_code, orders_placed: Number(orders_placed) },
      prediction: Number(prediction),
    };
    const hour = `dt=${time.slice(0, 10)}/${time.slice(11, 13)}`;
    hours.set(hour, [...(hours.get(hour) ?? []), `${JSON.stringify(line)}\n`]);
  }
  for (const [hour, lines] of hours) {
    await putPlain(
      s3.client,
      storage.bucket,
      `predictions/${NAME}/${hour}/a-000000.ndjson.gz`,
      gzipSync(lines.join("")),
    );
  }
}

const monitor = (args: readonly string[]) => storage.run(["monitor", "BUCKET", NAME, ...LABELS, ...args]);

describe("monitor", () => {
  test("finds what pandas finds: rows, coverage, r-squared, MAE, intervals and drift", async () => {
    const { stdout, code } = await monitor([...PERIOD, "--json"]);
    const result = JSON.parse(stdout) as MonitoringResult;
    const expected: unknown = JSON.parse(await readFile(path.join(FIXTURES, "expected.json"), "utf8"));
    const { ids, duplicates, days } = expected as { ids: number; duplicates: number; days: PandasDay[] };
    expect(result).toMatchObject({ from: "2021-07-04", to: "2021-07-07" });
    expect(result.labels).toEqual({
      ...{ key: "labels/hours_2021-07-08T08:00:00.csv", ids, duplicates, withoutPrediction: 2 },
    });
    const modelOf = (key: string | null) => Object.keys(keys).find((each) => keys[each] === key);
    const found = result.days
      .filter(({ rows }) => rows > 0)
      .map((each) => ({ ...each, model: modelOf(each.modelKey) }));
    expect(found).toHaveLength(days.length);
    for (const [index, { index: indexes, rSquared, meanAbsoluteError, ...day }] of days.entries()) {
      expect(found[index]).toMatchObject(day);
      expectEstimate(found[index]?.rSquared, rSquared);
      expectEstimate(found[index]?.meanAbsoluteError, meanAbsoluteError);
      for (const { column, index: value } of found[index]?.drift ?? []) {
        expect(value).toBeCloseTo(indexes[column] ?? NaN, 10);
      }
    }
    expect(result.days.find(({ day }) => day === "2021-07-06")).toEqual({
      ...{
        day: "2021-07-06",
        modelKey: null,
        modelHash: null,
        rows: 0,
        requests: 0,
        labelled: 0,
        coverage: 0,
      },
      ...{ rSquared: null, meanAbsoluteError: null, drift: [] },
    });
    // Only the day of the batches has drifted, beyond the training range.
    const isOutside = expect.stringMatching(/^2021-07-05 models\/.*: orders_placed: .* outside the/);
    expect(result.alerts).toEqual([isOutside, isOutside]);
    expect(code).toBe(3);
  });

  test("shows a table, and is silent about days without drift", async () => {
    const { stdout, code } = await monitor([
      "--from",
      "2021-07-06",
      "--to",
      "2021-07-07",
      "--alert-r-squared",
      "0.2",
    ]);
    expect(stdout).toMatch(
      /^DAY +MODEL +COVERAGE +ROWS +REQUESTS +R-SQUARED +MAE +DRIFT\n2021-07-06 +0 % +0 +0\n2021-07-07 /,
    );
    expect(stdout).toContain("48 rows were replaced by later ones of the same id");
    expect(stdout).toMatch(/\n\nNo alerts\n$/);
    expect(code).toBe(0);
  });

  test("ends with 3 for an r-squared that is below the limit, and writes metrics atomically", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "monitor-"));
    try {
      const textfile = path.join(folder, "monitor.prom");
      const days = ["--from", "2021-07-04", "--to", "2021-07-04"];
      const { stdout, code } = await monitor([...days, "--alert-r-squared", "1", "--textfile", textfile]);
      expect(stdout).toMatch(
        /\nALERT 2021-07-04 models\/\S+: r-squared 0\.\d+ \(0\.\d+ to 0\.\d+\) is below 1, on \d+ rows\n/,
      );
      expect(code).toBe(3);
      expect(await readdir(folder)).toEqual(["monitor.prom"]);
      const metrics = await readFile(textfile, "utf8");
      expect(metrics).toMatch(
        /^model_monitor_r_squared\{name="time-to-dispatch",model_key="models\/[^"]+"\} 0\.\d+$/m,
      );
      expect(metrics).toContain("# TYPE model_monitor_drift_index gauge\n");
      expect(metrics).toMatch(/^model_monitor_alerts\{name="time-to-dispatch"\} [1-9]/m);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("rejects a day that is none, and labels of another target", async () => {
    const noDay = await monitor(["--to", "2021-02-30"]);
    expect([noDay.code, noDay.stderr]).toEqual([2, expect.stringContaining('--to is "2021-02-30"')]);
    await putPlain(s3.client, storage.bucket, "labels/other_2021-07-08T08:00:00.csv", "id,weight\n0001,1\n");
    const other = await storage.run(["monitor", "BUCKET", NAME, "--labels", "labels/other", ...PERIOD]);
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining("the columns are id, weight; expected id, hours_to_dispatch"),
    ]);
  });
});

interface PandasDay extends Pick<MonitoredDay, "day" | "rows" | "requests" | "labelled" | "coverage"> {
  readonly model: string;
  readonly rSquared: Figures;
  readonly meanAbsoluteError: Figures;
  readonly index: Readonly<Record<string, number>>;
}

type Figures = Readonly<Record<"value" | "lower" | "upper", number>>;

function expectEstimate(found: Figures | null | undefined, { value, lower, upper }: Figures): void {
  expect(found?.value).toBeCloseTo(value, 10);
  expect(found?.lower).toBeCloseTo(lower, 10);
  expect(found?.upper).toBeCloseTo(upper, 10);
}
