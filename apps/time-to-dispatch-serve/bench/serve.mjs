// Processor time a request, latency, memory and start of this service against FastAPI and a bare node:http server.
// usage: npm run bench -- serve [--seconds SECONDS_A_ROUND] [--before PROGRAM]
//   --before: the service's main.js of another version, measured in the same rounds
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import { putCsvDatasetToS3, readCsv } from "@ml-pipelines/pipeline-utils";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";
import { Contender, pinned } from "./support/contender.mjs";
import { processUsage } from "./support/process-usage.mjs";

const BUCKET = "bench";
const CONNECTIONS = 50;
const ROUNDS = 3;
const STARTS = 9;
const PYTHON = "/usr/bin/python3";
const { values: given } = parseArgs({
  options: { seconds: { type: "string", default: "4" }, before: { type: "string" } },
});
const seconds = Number(given.seconds);
/** As the image has it: the space for new objects stays as small as the start has left it. */
const IMAGE = { NODE_OPTIONS: "--max-semi-space-size=4" };
const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), "bench-serve-"));
const csv = path.join(folder, "orders.csv");

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** The kernel counts processor time in steps of 10 ms, of which a median would be one. @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A bucket with a model that the training stage made of the sample dataset. */
async function prepareStorage() {
  writeFileSync(csv, sampleDataset());
  const server = await startLocalS3({ directory: path.join(folder, "s3"), buckets: [BUCKET] });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_REGION: server.region,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    LOG_LEVEL: "INFO",
  });
  const table = await readCsv(Readable.from([new TextEncoder().encode(sampleDataset())]));
  await putCsvDatasetToS3(table, {
    filenamePrefix: "time_to_dispatch",
    refDatetime: new Date(),
    bucket: BUCKET,
    folder: "datasets",
  });
  await run(process.execPath, [
    path.join(here, "../../time-to-dispatch-train/dist/main.js"),
    BUCKET,
    "0.5",
    "0.6",
  ]);
  return server;
}

function contenders() {
  const service = (/** @type {string} */ main) => (/** @type {number} */ port) => [
    process.execPath,
    main,
    BUCKET,
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
  ];
  const now = service(path.join(here, "../dist/main.js"));
  const all = [
    new Contender("node:http alone", (port) => [
      process.execPath,
      path.join(here, "support/bare-server.mjs"),
      BUCKET,
      String(port),
    ]),
    new Contender("this service, metrics on", now, { ...IMAGE, ACCESS_LOG: "off" }),
    new Contender("  without the image's NODE_OPTIONS", now, { ACCESS_LOG: "off" }),
    new Contender("  with the access log", now, IMAGE),
  ];
  if (given.before !== undefined) {
    const before = service(path.resolve(process.env.INIT_CWD ?? ".", given.before));
    all.push(new Contender("version before, metrics on", before, { ACCESS_LOG: "off" }));
  }
  const modules = "import fastapi, uvicorn, sklearn, pandas";
  if (spawnSync(PYTHON, ["-c", modules]).status !== 0) {
    console.log(`FastAPI is left out: ${PYTHON} cannot ${modules}`);
    return all;
  }
  const peer = path.join(here, "support/serve_fastapi.py");
  return [new Contender("FastAPI, scikit-learn", (port) => [PYTHON, peer, csv, String(port)]), ...all];
}

/** Milliseconds to the first answer, and of processor time until then. @param {Contender} contender */
async function start(contender) {
  const wall = await contender.start();
  return { wall, cpu: processUsage(contender.pid).cpuSeconds * 1_000 };
}

/** @param {Contender} contender @param {number} duration */
async function round(contender, duration) {
  const before = processUsage(contender.pid);
  const [program = "", ...args] = pinned(1, [
    process.execPath,
    path.join(here, "support/load.mjs"),
    ...[contender.port, CONNECTIONS, duration].map(String),
  ]);
  const { requests, failed, p99 } = JSON.parse((await run(program, args)).stdout);
  if (failed > 0) {
    throw new Error(`${contender.name}: ${failed} of ${requests} requests failed`);
  }
  const after = processUsage(contender.pid);
  return {
    microseconds: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / requests,
    throughput: requests / duration,
    p99,
    megabytes: after.residentMegabytes,
  };
}

/** @param {Contender[]} all */
async function measure(all) {
  /** @type {Map<Contender, Awaited<ReturnType<typeof start>>[]>} */
  const starts = new Map(all.map((contender) => [contender, []]));
  for (let index = 0; index < STARTS; index += 1) {
    for (const contender of all) {
      if (index > 0) {
        await contender.stop();
      }
      starts.get(contender)?.push(await start(contender));
    }
  }
  for (const contender of all) {
    await round(contender, 2);
  }
  /** @type {Map<Contender, Awaited<ReturnType<typeof round>>[]>} */
  const rounds = new Map(all.map((contender) => [contender, []]));
  for (let index = 0; index < ROUNDS; index += 1) {
    for (const contender of all) {
      rounds.get(contender)?.push(await round(contender, seconds));
    }
  }
  return all.map((contender) => {
    const results = rounds.get(contender) ?? [];
    const started = starts.get(contender) ?? [];
    return {
      name: contender.name,
      start: median(started.map(({ wall }) => wall)),
      startCpu: mean(started.map(({ cpu }) => cpu)),
      microseconds: median(results.map((result) => result.microseconds)),
      throughput: median(results.map((result) => result.throughput)),
      p99: median(results.map((result) => result.p99)),
      megabytes: Math.max(...results.map((result) => result.megabytes)),
    };
  });
}

/** @param {string[][]} rows */
function print(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    );
  }
}

const server = await prepareStorage();
const all = contenders();
try {
  console.log(
    `${CONNECTIONS} connections, medians of ${ROUNDS} interleaved rounds of ${seconds} s, ${STARTS} starts each`,
  );
  const results = await measure(all);
  const bare = results.find(({ name }) => name.startsWith("node:http"))?.microseconds ?? NaN;
  const peer = results.find(({ name }) => name.startsWith("FastAPI"))?.microseconds;
  print([
    [
      "",
      "CPU us/request",
      "x less than FastAPI",
      "x node:http",
      "requests/s",
      "p99 ms",
      "start ms",
      "of it CPU",
      "resident MB",
    ],
    ...results.map((result) => [
      result.name,
      result.microseconds.toFixed(1),
      peer === undefined ? "-" : (peer / result.microseconds).toFixed(1),
      (result.microseconds / bare).toFixed(2),
      result.throughput.toFixed(0),
      result.p99.toFixed(1),
      result.start.toFixed(0),
      result.startCpu.toFixed(0),
      result.megabytes.toFixed(0),
    ]),
  ]);
} finally {
  await Promise.all(all.map((contender) => contender.stop()));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
