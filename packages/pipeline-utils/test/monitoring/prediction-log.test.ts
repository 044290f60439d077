import { gunzipSync } from "node:zlib";

import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { PredictionLog } from "@ml-pipelines/pipeline-utils/monitoring";
import type { LoggedPrediction } from "@ml-pipelines/pipeline-utils/monitoring";
import type { Decide, Fault } from "@ml-pipelines/test-support/fault-proxy";
import { keysBelow } from "@ml-pipelines/test-support/test-storage";
import { startTestS3 } from "../support/test-s3.js";
import type { TestS3 } from "../support/test-s3.js";

const NAME = "time-to-dispatch";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterEach(() => {
  jest.useRealTimers();
});
afterAll(() => s3.stop());

const row = (id: string, inputs: LoggedPrediction["inputs"] = { orders_placed: 10 }): LoggedPrediction => ({
  id,
  modelKey: "models/time-to-dispatch_2021-07-20T14:44:13.558Z.json",
  modelHash: "759eccda4ceb7a07cda66ad4ef7cdfbc",
  inputs,
  prediction: 0.65,
});

/** The lines of all objects of a log, in the order of their keys. */
async function linesOf(bucket: string): Promise<string[]> {
  const texts = [];
  for (const Key of await keysBelow(s3.client, bucket, `predictions/${NAME}/`)) {
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    texts.push(gunzipSync((await Body?.transformToByteArray()) ?? "").toString());
  }
  return texts.join("").split("\n").slice(0, -1);
}

/** A log behind a proxy, which does to each write what `fault` says. */
async function faultyLog(
  fault: () => Fault,
  bucket: string,
): Promise<{ log: PredictionLog; errors: unknown[] }> {
  const decide: Decide = ({ method }) => (method === "PUT" ? fault() : { kind: "pass" });
  const { client } = await s3.through(decide, { idleMilliseconds: 200, limits: { retries: 0 } });
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  return { log: new PredictionLog({ bucket, name: NAME, client, onError, maxBytes: 1_000_000 }), errors };
}

const logTo = (bucket: string, client: S3Client = s3.client, inputs?: readonly string[]) =>
  new PredictionLog({ bucket, name: NAME, client, inputs });

describe("PredictionLog", () => {
  test("writes rows under their day and hour, and counts them", async () => {
    const bucket = await s3.bucket();
    const log = logTo(bucket);
    log.add(row("a"));
    log.add(row("b", { product_code: "SKU001", orders_placed: 1.5, express: true }));
    expect([log.written, log.waiting]).toEqual([0, 2]);
    await log.flush();
    expect([log.written, log.waiting, log.bytes]).toEqual([2, 0, 0]);
    const [key = "", ...others] = await keysBelow(s3.client, bucket, "");
    expect(others).toEqual([]);
    expect(key).toMatch(
      /^predictions\/time-to-dispatch\/dt=\d{4}-\d\d-\d\d\/\d\d\/[\w.-]+-000000\.ndjson\.gz$/,
    );
    const lines = (await linesOf(bucket)).map((line) => JSON.parse(line) as unknown);
    const [, day, hour] = /dt=(.*)\/(\d\d)\//.exec(key) ?? [];
    const model = { model_key: row("").modelKey, model_hash: row("").modelHash };
    const time = expect.stringMatching(`^${day}T${hour}:\\d\\d:\\d\\d\\.\\d{3}Z$`);
    expect(lines).toEqual([
      { time, id: "a", ...model, inputs: { orders_placed: 10 }, prediction: 0.65 },
      {
        ...{ time, id: "b", ...model },
        inputs: { product_code: "SKU001", orders_placed: 1.5, express: true },
        prediction: 0.65,
      },
    ]);
  });

  test("begins a new object with each hour", async () => {
    const bucket = await s3.bucket();
    const log = logTo(bucket);
    jest.useFakeTimers({
      now: Date.parse("2021-07-04T13:59:59.999Z"),
      doNotFake: ["setTimeout", "clearTimeout", "setImmediate", "nextTick"],
    });
    log.add(row("last"));
    jest.setSystemTime(Date.parse("2021-07-04T14:00:00.000Z"));
    log.add(row("first"));
    jest.useRealTimers();
    await log.flush();
    const keys = await keysBelow(s3.client, bucket, "");
    expect(keys).toEqual([
      expect.stringMatching(/dt=2021-07-04\/13\/.*-000000\.ndjson\.gz$/),
      expect.stringMatching(/dt=2021-07-04\/14\/.*-000001\.ndjson\.gz$/),
    ]);
  });

  test("writes an object whenever one is full, without a flush", async () => {
    const bucket = await s3.bucket();
    const log = new PredictionLog({ bucket, name: NAME, client: s3.client, maxBytes: 1_000_000 });
    const text = "x".repeat(1_000);
    for (let rows = 0; rows < 300; rows += 1) {
      log.add(row(text));
    }
    while (log.written === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await log.flush();
    expect([log.written, log.dropped.full, (await linesOf(bucket)).length]).toEqual([300, 0, 300]);
  });

  test("logs the inputs of its list only", async () => {
    const bucket = await s3.bucket();
    const log = logTo(bucket, s3.client, ["orders_placed", "toString"]);
    log.add(row("a", { orders_placed: 1, customer: "secret" }));
    await log.flush();
    const lines = await linesOf(bucket);
    expect(lines).toEqual([expect.stringContaining('"inputs":{"orders_placed":1}')]);
  });

  test("counts a row that JSON cannot hold", async () => {
    const log = logTo(await s3.bucket());
    log.add({
      ...row("a"),
      toJSON: 1,
      inputs: {
        get orders(): number {
          throw new Error("no value");
        },
      },
    } as LoggedPrediction);
    await log.flush();
    expect([log.written, log.dropped]).toEqual([0, { full: 0, late: 0, invalid: 1 }]);
  });

  test.each([
    ["hangs", { kind: "hang" }],
    ["cuts connections", { kind: "reset" }],
    ["refuses", { kind: "answer", status: 403 }],
    ["is full", { kind: "answer", status: 507 }],
  ] as const)("keeps within its memory and counts every lost row when storage %s", async (_, fault) => {
    const bucket = await s3.bucket();
    const { log, errors } = await faultyLog(() => fault, bucket);
    const text = "é".repeat(500);
    let most = 0;
    for (let rows = 0; rows < 3_000; rows += 1) {
      log.add(row(text));
      most = Math.max(most, log.bytes);
    }
    expect(most).toBeLessThanOrEqual(1_000_000);
    expect(log.dropped.full).toBeGreaterThan(0);
    const kept = log.waiting;
    expect(log.dropped.full + kept).toBe(3_000);
    await log.flush({ timeout: 600 });
    expect(log).toMatchObject({ written: 0, waiting: 0, bytes: 0, dropped: { late: kept } });
    expect(errors.length).toBeGreaterThan(0);
  });

  test("writes what it kept as soon as storage answers again", async () => {
    const bucket = await s3.bucket();
    let isDown = true;
    const { log } = await faultyLog(
      () => (isDown ? { kind: "answer", status: 503 } : { kind: "pass" }),
      bucket,
    );
    log.add(row("a"));
    await log.flush({ timeout: 1 });
    expect(log.dropped.late).toBe(1);
    log.add(row("b"));
    isDown = false;
    await log.flush();
    expect(await linesOf(bucket)).toEqual([expect.stringContaining('"id":"b"')]);
    expect(log).toMatchObject({ written: 1, dropped: { full: 0, late: 1, invalid: 0 } });
  });

  test("writes a row once when the answer to its write is lost", async () => {
    const bucket = await s3.bucket();
    let writes = 0;
    const { log } = await faultyLog(() => {
      writes += 1;
      return { kind: writes === 1 ? "lose-answer" : "pass" };
    }, bucket);
    log.add(row("a"));
    await log.flush();
    expect([log.written, (await linesOf(bucket)).length]).toEqual([1, 1]);
  });

  test.each([{ maxBytes: 10 }, { maxBytes: 1.5e6 + 0.5 }, { folder: "predictions" }, { name: "a/b" }])(
    "rejects the options %j",
    (options) => {
      expect(() => new PredictionLog({ bucket: "b", name: NAME, ...options })).toThrow(
        /maxBytes|folder|a\/b/,
      );
    },
  );
});
