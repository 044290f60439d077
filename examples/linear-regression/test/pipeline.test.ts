import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import type { LocalS3 } from "@ml-pipelines/local-s3";
import {
  getLatestModelFromS3,
  listArtefacts,
  putCsvDatasetToS3,
  readCsv,
} from "@ml-pipelines/pipeline-utils";
import type { JsonValue } from "@ml-pipelines/pipeline-utils";
import { fitLinear, linearModel } from "../src/linear.js";

const bucket = "example";
const running = new Set<ChildProcess>();
let folder: string;
let s3: LocalS3;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "example-"));
  s3 = await startLocalS3({ directory: path.join(folder, "s3"), buckets: [bucket, "empty"] });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  });
});
after(async () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
  await s3.stop();
  await rm(folder, { recursive: true });
});

/** 100 orders whose hours are 1 + 0.2 * orders + 0.01 * distance, less 0.5 for express, and a little noise. */
function orders(noise = 0.01): string {
  const rows = Array.from({ length: 100 }, (_, i) => {
    const [placed, distance, express] = [(i * 37) % 101, (i * 53) % 503, i % 3 === 0];
    const hours = 1 + 0.2 * placed + 0.01 * distance - (express ? 0.5 : 0) + noise * ((i * 7) % 11);
    return `${placed},${distance},${express},${hours.toFixed(4)}\n`;
  });
  return `orders_placed,distance,express,hours_to_dispatch\n${rows.join("")}`;
}

async function deliver(csv: string, time: string): Promise<void> {
  await putCsvDatasetToS3(await readCsv(Readable.from([Buffer.from(csv)])), {
    filenamePrefix: "hours",
    refDatetime: new Date(time),
    bucket,
    folder: "datasets",
  });
}

/** A stage as `npm run` starts it, and its output so far. */
function start(stage: "train" | "serve", args: string[], env: NodeJS.ProcessEnv = {}) {
  const main = path.join(import.meta.dirname, `../src/${stage}.js`);
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } });
  running.add(child);
  const run = { child, output: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (run.output += text));
  }
  return run;
}

async function end(run: ReturnType<typeof start>): Promise<number | null> {
  if (run.child.exitCode === null) {
    await once(run.child, "close");
  }
  running.delete(run.child);
  return run.child.exitCode;
}

test("trains a model, serves it, and follows the next one", async () => {
  await deliver(orders(), "2026-11-20T20:00:00Z");
  const trained = start("train", [bucket, "0.9", "0.95"]);
  equal(await end(trained), 0, trained.output);
  match(trained.output, /Trained model: r-squared=1\.000, MAE=0\.0\d\d/);
  const { model, trainDataset } = await getLatestModelFromS3(linearModel, bucket, { folder: "models" });
  const [intercept = NaN, ...weights] = model.weights;
  ok(Math.abs(intercept - 1) < 0.05);
  deepEqual(
    weights.map((weight) => Number(weight.toFixed(2))),
    [0.2, 0.01, -0.5],
  );
  equal(trainDataset.key, "datasets/hours_2026-11-20T20:00:00.csv");

  const service = start("serve", [bucket, "--host", "127.0.0.1", "--port", "0", "--poll-seconds", "0.1"]);
  let address: string | undefined;
  while (address === undefined) {
    [, address] = /Listening on (http:\S+)/.exec(service.output) ?? [];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const post = async (route: string, input: unknown) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${address}${route}`, {
      method: "POST",
      headers,
      body: JSON.stringify(input),
    });
    return { status: response.status, body: await response.text() };
  };
  const input = { orders_placed: 100, distance: 200, express: false };
  const one = await post("/predict", input);
  match(one.body, /^\{"est_hours_to_dispatch":23\.\d+,"model_version":"name:hours\|model_type:Linear\|/);
  match(
    (await post("/predict/batch", [input, input])).body,
    /^\{"est_hours_to_dispatch":\[23\.\d+,23\.\d+\]/,
  );
  const wrong = await post("/predict", { ...input, express: "no" });
  equal(wrong.status, 422);
  match(wrong.body, /"loc":\["body","express"\]/);
  match(await (await fetch(`${address}/metrics`)).text(), /^model_prediction_value_count 3$/m);

  equal(await end(start("train", [bucket, "0.9", "0.95"])), 0);
  while ((service.output.match(/Successfully loaded model/g) ?? []).length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  service.child.kill("SIGTERM");
  equal(await end(service), 0, service.output);
});

test("fits the weights of least squares", () => {
  // numpy.linalg.lstsq([[1, 1, 2], [1, 2, 1], [1, 3, 5], [1, 4, 3]], [3, 4, 8, 9])
  const columns = [Float64Array.of(1, 2, 3, 4), Float64Array.of(2, 1, 5, 3)];
  const { weights } = fitLinear(columns, Float64Array.of(3, 4, 8, 9));
  const expected = [-0.0238095238095, 1.8333333333333, 0.5238095238095];
  weights.forEach((weight, i) => {
    ok(Math.abs(weight - (expected[i] ?? NaN)) < 1e-9, `${weights.join()} is not ${expected.join()}`);
  });
});

const notWeights: JsonValue[] = [null, [], { weights: "1" }, { weights: [1] }, { weights: [1, null] }];
for (const json of notWeights) {
  test(`rejects a file that holds ${JSON.stringify(json)}`, () => {
    throws(() => linearModel.fromJSON(json, [{ name: "x", type: "number" }]), /expected 2 numbers/);
  });
}

test("ends in one line on a failure, with exit code 1 when a retry may help", async () => {
  await deliver("orders_placed,distance,express,hours_to_dispatch\n-10,1,true,2\n", "2026-11-21T20:00:00Z");
  const down = { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9" };
  const failures: [
    stage: "train" | "serve",
    args: string[],
    env: NodeJS.ProcessEnv,
    code: number,
    text: string,
  ][] = [
    ["train", [], {}, 2, "S3_BUCKET"],
    ["train", ["empty", "0.9", "0.95"], {}, 2, "s3://empty/datasets/"],
    ["train", [bucket, "0.9", "0.95"], {}, 2, "line 2: orders_placed is -10"],
    ["train", [bucket, "0.9", "0.95"], down, 1, "ECONNREFUSED"],
    ["serve", ["nowhere"], {}, 2, "s3://nowhere"],
    ["serve", [bucket, "--port", new URL(s3.endpoint).port, "--host", "127.0.0.1"], {}, 1, "EADDRINUSE"],
  ];
  const runs = failures.map(([stage, args, env]) => start(stage, args, env));
  for (const [index, [, , , code, text]] of failures.entries()) {
    const run = runs[index];
    ok(run !== undefined);
    equal(await end(run), code, run.output);
    const errors = run.output.split("\n").filter((line) => line.includes(" - ERROR - "));
    equal(errors.length, 1, run.output);
    ok(errors[0]?.includes(text), run.output);
  }
});

test("keeps no model that fails the gate", async () => {
  await deliver(orders(10), "2026-11-22T20:00:00Z");
  const { length } = await modelKeys();
  const run = start("train", [bucket, "0.99", "1"]);
  equal(await end(run), 2, run.output);
  match(run.output, /r-squared metric \(-?\d+\.\d+\) is below deployment threshold 0\.99\n/);
  equal((await modelKeys()).length, length);
});

async function modelKeys(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listArtefacts("json", bucket, { folder: "models" })) {
    keys.push(key);
  }
  return keys;
}
