import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import {
  PredictionLog,
  readPredictionBatches,
  readPredictions,
} from "@ml-pipelines/pipeline-utils/monitoring";
import type { LoggedPrediction } from "@ml-pipelines/pipeline-utils/monitoring";
import type { Decide, Fault } from "@ml-pipelines/test-support/fault-proxy";
import { keysBelow, putPlain } from "@ml-pipelines/test-support/test-storage";
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

const LINE = {
  time: "2021-07-04T13:30:00.000Z",
  id: "a",
  model_key: "models/time-to-dispatch_2021-07-20T14:44:13.558Z.json",
  model_hash: "759eccda4ceb7a07cda66ad4ef7cdfbc",
  inputs: { product_code: "SKU001", orders_placed: 10 },
  prediction: 0.65,
};

/** A bucket with an object of the log in each of some hours. */
async function loggedBucket(objects: Readonly<Record<string, readonly unknown[]>>): Promise<string> {
  const bucket = await s3.bucket();
  for (const [hour, rows] of Object.entries(objects)) {
    const text = rows.map((each) => (typeof each === "string" ? each : `${JSON.stringify(each)}\n`)).join("");
    await putPlain(s3.client, bucket, keyOf(hour), gzipSync(text));
  }
  return bucket;
}

const keyOf = (hour: string) =>
  `predictions/${NAME}/dt=${hour.slice(0, 10)}/${hour.slice(11, 13)}/replica-000000.ndjson.gz`;
const at = (time: string, id = time) => ({ ...LINE, time, id });
const july = (from: string, to: string) => ({ from: new Date(from), to: new Date(to), client: s3.client });

describe("readPredictions", () => {
  test("returns one table, with a column of each input", async () => {
    const bucket = await loggedBucket({
      "2021-07-04T13": [
        LINE,
        { ...LINE, id: "b", inputs: { express: true, orders_placed: null, id: "own" }, prediction: 2 },
      ],
      "2021-07-05T00": [{ ...at("2021-07-05T00:00:00.001Z", "c"), inputs: { express: "yes" } }],
    });
    const table = await readPredictions(bucket, NAME, july("2021-07-04", "2021-07-06"));
    expect(table.schema.fields.map((field) => `${field.name}: ${field.type}`)).toEqual([
      "time: Timestamp<MILLISECOND, UTC>",
      "id: Utf8",
      "model_key: Utf8",
      "model_hash: Utf8",
      "product_code: Utf8",
      "orders_placed: Float64",
      "express: Utf8",
      "inputs.id: Utf8",
      "prediction: Float64",
    ]);
    expect(table.toArray().map((each: object) => ({ ...each }))).toMatchObject([
      { time: Date.parse(LINE.time), id: "a", product_code: "SKU001", orders_placed: 10, express: null },
      {
        id: "b",
        product_code: null,
        orders_placed: null,
        express: "true",
        "inputs.id": "own",
        prediction: 2,
      },
      { id: "c", express: "yes" },
    ]);
  });

  test("returns an empty table for a log without rows", async () => {
    const table = await readPredictions(await s3.bucket(), NAME, july("2021-07-04", "2021-07-05"));
    expect([table.numRows, table.schema.names]).toEqual([
      0,
      ["time", "id", "model_key", "model_hash", "prediction"],
    ]);
  });

  test("takes rows from the first moment on and up to the last, exclusively, and lists no other folders", async () => {
    const bucket = await loggedBucket({
      "2021-07-03T23": [at("2021-07-03T23:59:59.999Z")],
      "2021-07-04T00": [at("2021-07-04T00:00:00.000Z")],
      "2021-07-05T12": [at("2021-07-05T12:00:00.000Z")],
      "2021-07-06T01": [at("2021-07-06T01:29:59.999Z"), at("2021-07-06T01:30:00.000Z")],
      "2021-07-06T02": ["not JSON"],
    });
    const { client, requests } = await s3.through(() => ({ kind: "pass" }));
    const interval = { ...july("2021-07-04", "2021-07-06T01:30:00Z"), client };
    const table = await readPredictions(bucket, NAME, interval);
    expect([...(table.getChild("id") ?? [])]).toEqual([
      "2021-07-04T00:00:00.000Z",
      "2021-07-05T12:00:00.000Z",
      "2021-07-06T01:29:59.999Z",
    ]);
    const listed = requests.map((request) => /&prefix=[^&]*NAME?[^&]*|prefix=([^&]*)/.exec(request)?.[1]);
    expect(listed.filter((prefix) => prefix !== undefined)).toEqual([
      `predictions/${NAME}/dt=2021-07-04/`,
      `predictions/${NAME}/dt=2021-07-05/`,
      `predictions/${NAME}/dt=2021-07-06/00/`,
      `predictions/${NAME}/dt=2021-07-06/01/`,
    ]);
  });

  test.each([
    ["text that is no JSON", [LINE, "{\n"], "line 2: not JSON"],
    ["an empty line", ["\n"], "line 1: not JSON"],
    ["a list", [[1]], "line 1: [1] is no JSON object"],
    [
      "a time without a zone",
      [{ ...LINE, time: "2021-07-04T13:30:00" }],
      'line 1: time is "2021-07-04T13:30:00"',
    ],
    ["a number for an id", [LINE, LINE, { ...LINE, id: 7 }], "line 3: id is 7, expected text"],
    ["no hash", [{ ...LINE, model_hash: undefined }], "line 1: model_hash is missing, expected text"],
    ["inputs in a list", [{ ...LINE, inputs: [] }], "line 1: inputs is [], expected an object"],
    ["a nested input", [{ ...LINE, inputs: { a: {} } }], 'line 1: input "a" is {}'],
    [
      "no prediction",
      [{ ...LINE, prediction: null }],
      "line 1: prediction is null, expected a number or text",
    ],
  ])("rejects %s, and names its key and line", async (_, rows, message) => {
    const bucket = await loggedBucket({ "2021-07-04T13": rows });
    const read = readPredictions(bucket, NAME, july("2021-07-04", "2021-07-05"));
    await expect(read).rejects.toThrow(`s3://${bucket}/${keyOf("2021-07-04T13")} ${message}`);
    await expect(read).rejects.toMatchObject({ name: "FormatError" });
  });

  test("rejects a damaged object, and names its key", async () => {
    const bucket = await s3.bucket();
    const key = keyOf("2021-07-04T13");
    await putPlain(s3.client, bucket, key, gzipSync(JSON.stringify(LINE)).subarray(0, -12));
    const read = readPredictions(bucket, NAME, july("2021-07-04", "2021-07-05"));
    await expect(read).rejects.toThrow(`s3://${bucket}/${key}`);
  });

  test.each([
    { from: new Date(NaN), to: new Date() },
    { from: new Date(1), to: new Date(1) },
    { from: new Date("1900-01-01"), to: new Date() },
  ])("rejects the interval %j", async (interval) => {
    await expect(readPredictions("b", NAME, interval)).rejects.toThrow(TypeError);
  });

  test("yields batches, which a reader may stop", async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => at(LINE.time, String(row)));
    const bucket = await loggedBucket({ "2021-07-04T13": rows, "2021-07-04T14": ["not JSON"] });
    const interval = july("2021-07-04", "2021-07-04T14:00:00Z");
    const lengths = [];
    for await (const batch of readPredictionBatches(bucket, NAME, interval)) {
      lengths.push(batch.numRows);
    }
    expect(lengths).toEqual([16_384, 3_616]);
    for await (const batch of readPredictionBatches(bucket, NAME, july("2021-07-04", "2021-07-05"))) {
      expect(batch.numRows).toBe(16_384);
      break;
    }
    const whole = await readPredictions(bucket, NAME, interval);
    expect([whole.numRows, whole.getChild("id")?.get(19_999)]).toEqual([20_000, "19999"]);
  });
});

// DuckDB has binaries for the common platforms. Elsewhere, the test that needs it is skipped.
const duckdb = await import("@duckdb/node-api").catch(() => undefined);
(duckdb === undefined ? test.skip : test)("DuckDB reads the log as it is, with its days", async () => {
  const bucket = await s3.bucket();
  const log = logTo(bucket);
  log.add(row("a", { product_code: "SKU001", orders_placed: 10 }));
  log.add(row("b", { product_code: "SKU002", orders_placed: 2.5 }));
  await log.flush();
  const folder = await mkdtemp(path.join(tmpdir(), "predictions-"));
  for (const Key of await keysBelow(s3.client, bucket, "")) {
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    await mkdir(path.dirname(path.join(folder, Key)), { recursive: true });
    await writeFile(path.join(folder, Key), (await Body?.transformToByteArray()) ?? "");
  }
  const instance = await duckdb!.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const files = `read_json_auto('${folder}/predictions/*/*/*/*.ndjson.gz', hive_partitioning = true)`;
    const sql = `SELECT id, inputs.product_code, inputs.orders_placed, prediction, dt = time::DATE FROM ${files} ORDER BY id`;
    expect((await connection.runAndReadAll(sql)).getRowsJson()).toEqual([
      ["a", "SKU001", 10, 0.65, true],
      ["b", "SKU002", 2.5, 0.65, true],
    ]);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
});
