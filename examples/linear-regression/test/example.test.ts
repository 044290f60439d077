import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import type { LocalS3 } from "@ml-pipelines/local-s3";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import { getLatestModelFromS3, putCsvDatasetToS3, readCsv } from "@ml-pipelines/pipeline-utils";
import { lineModel } from "../src/line.js";
import { serve } from "../src/serve.js";
import { train } from "../src/train.js";

const bucket = "example";
let folder = "";
let s3: LocalS3;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "example-"));
  s3 = await startLocalS3({ directory: path.join(folder, "s3"), buckets: [bucket] });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  });
  const csv = "hours_to_dispatch,orders_placed\n2.5,10\n4.5,20\n6.5,30\n";
  await putCsvDatasetToS3(await readCsv(Readable.from([Buffer.from(csv)])), {
    filenamePrefix: "hours",
    refDatetime: new Date("2026-11-20T20:00:00Z"),
    bucket,
    folder: "datasets",
  });
});
afterAll(async () => {
  await s3.stop();
  await rm(folder, { recursive: true, force: true });
});

test("trains a line, keeps it, and serves it", async () => {
  expect(await train(bucket)).toMatch(/^s3:\/\/example\/models\/hours_.*\.json$/);
  const { model, trainDataset } = await getLatestModelFromS3(lineModel, bucket, { folder: "models" });
  expect(model.slope).toBeCloseTo(0.2, 12);
  expect(model.intercept).toBeCloseTo(0.5, 12);
  expect(trainDataset.key).toBe("datasets/hours_2026-11-20T20:00:00.csv");

  const server = await serve(bucket, 0);
  try {
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`;
    const good = await fetch(`${url}/?orders_placed=100`);
    expect(await good.json()).toEqual({
      est_hours_to_dispatch: 20.5,
      model_version: expect.stringMatching(/^name:hours\|model_type:Line\|/),
    });
    const bad = await fetch(`${url}/?orders_placed=-1`);
    expect([bad.status, await bad.text()]).toEqual([
      422,
      expect.stringContaining('orders_placed is \\"-1\\"'),
    ]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test.each([[null], [[]], ["line"], [{ slope: "1", intercept: 0 }], [{ slope: 1 }]])(
  "a file that holds %j is no line",
  (json) => {
    expect(() => lineModel.fromJSON(json)).toThrow(/expected \{"intercept": number, "slope": number\}/);
  },
);

test("is less than 100 lines", async () => {
  const sources = path.join(import.meta.dirname, "../src");
  const texts = await Promise.all(
    (await readdir(sources)).map((name) => readFile(path.join(sources, name), "utf8")),
  );
  expect(texts.join("").split("\n").length).toBeLessThan(100);
});
