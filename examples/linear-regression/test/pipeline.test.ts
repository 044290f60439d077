import { deepEqual, equal, match, throws } from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { startLocalS3, type LocalS3 } from "@ml-pipelines/local-s3";
import {
  getLatestModelFromS3,
  putCsvDatasetToS3,
  readCsv,
  type JsonValue,
} from "@ml-pipelines/pipeline-utils";
import { lineModel } from "../src/line.js";
import { serve } from "../src/serve.js";
import { train } from "../src/train.js";

const bucket = "example";
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
  await deliver("hours_to_dispatch,orders_placed\n2.5,10\n4.5,20\n6.5,30\n", "2026-11-20T20:00:00Z");
});
after(async () => {
  await s3.stop();
  await rm(folder, { recursive: true });
});

async function deliver(csv: string, time: string): Promise<void> {
  await putCsvDatasetToS3(await readCsv(Readable.from([Buffer.from(csv)])), {
    filenamePrefix: "hours",
    refDatetime: new Date(time),
    bucket,
    folder: "datasets",
  });
}

test("trains a line, keeps it, and serves it", async () => {
  match(await train(bucket), /^s3:\/\/example\/models\/hours_.*\.json$/);
  const { model, trainDataset } = await getLatestModelFromS3(lineModel, bucket, { folder: "models" });
  deepEqual(model, { intercept: 0.5, slope: 0.2 });
  equal(trainDataset.key, "datasets/hours_2026-11-20T20:00:00.csv");

  const server = await serve(bucket, 0);
  try {
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`;
    const good = JSON.stringify(await (await fetch(`${url}/?orders_placed=100`)).json());
    match(good, /^\{"est_hours_to_dispatch":20\.5,"model_version":"name:hours\|model_type:Line\|/);
    const bad = await fetch(`${url}/?orders_placed=-1`);
    equal(bad.status, 422);
    match(await bad.text(), /orders_placed is \\"-1\\"/);
    equal((await fetch(`${url}//`)).status, 422);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

const notLines: JsonValue[] = [null, [], "line", { slope: "1", intercept: 0 }, { slope: 1 }];
for (const json of notLines)
  test(`a file that holds ${JSON.stringify(json)} is no line`, () => {
    throws(() => lineModel.fromJSON(json), /expected \{"intercept": number, "slope": number\}/);
  });

/** A stage as `npm run` starts it. */
async function run(
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; stderr: string }> {
  const main = path.join(import.meta.dirname, "../src/main.js");
  const child = execFile(process.execPath, ["--no-warnings", main, ...args], {
    env: { ...process.env, ...env },
  });
  let stderr = "";
  child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
  await once(child, "close");
  return { code: child.exitCode, stderr };
}

test("a user's mistake is one line", async () => {
  const oneLine = (text: string) => new RegExp(`^.*${text}.*\n$`);
  const usage = /^usage: npm run train -- S3_BUCKET\n.*\n$/;
  for (const args of [[], ["train"], ["predict", bucket], ["serve", bucket, "-1"]]) {
    const { code, stderr } = await run(args);
    equal(code, 2);
    match(stderr, usage);
  }
  await deliver("hours_to_dispatch,orders_placed\n2.5,-10\n", "2026-11-27T20:00:00Z");
  const down = { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9" };
  const portOfS3 = new URL(s3.endpoint).port;
  // The exit code is 1 where a retry may help, 2 where it will fail again.
  for (const [args, env, code, text] of [
    [["train", "nowhere"], {}, 2, "s3://nowhere"],
    [["train", "empty"], {}, 2, "s3://empty/datasets/"],
    [["serve", "empty"], {}, 2, "s3://empty/models/"],
    [["train", bucket], {}, 2, "line 2: orders_placed is -10"],
    [["train", bucket], { LOG_LEVEL: "loud" }, 2, 'LOG_LEVEL is "loud"'],
    [["train", bucket], { AWS_SECRET_ACCESS_KEY: "wrong" }, 2, "SignatureDoesNotMatch"],
    [["train", bucket], down, 1, "ECONNREFUSED"],
    [["serve", bucket, portOfS3], {}, 1, "EADDRINUSE"],
  ] as const) {
    const failed = await run([...args], env);
    equal(failed.code, code, failed.stderr);
    match(failed.stderr, oneLine(text));
  }
});
