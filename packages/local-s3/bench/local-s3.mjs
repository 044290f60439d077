// Throughput and memory of local-s3 with the AWS SDK on the same machine: npm run bench -- local-s3
//   BENCH_MEGABYTES  size of the large object, default 2048
//   BENCH_KEYS       keys of the large bucket, default 1000000
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
/** @type {typeof import("@aws-sdk/client-s3")} */
const { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } = require("@aws-sdk/client-s3");
/** @type {typeof import("@aws-sdk/lib-storage")} */
const { Upload } = require("@aws-sdk/lib-storage");

const megabytes = Number(process.env.BENCH_MEGABYTES ?? 2048);
const keyCount = Number(process.env.BENCH_KEYS ?? 1_000_000);
const Bucket = "bench";
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = await mkdtemp(path.join(tmpdir(), "local-s3-bench-"));

/** @type {[what: string, figure: string][]} */
const rows = [];
try {
  await smallObjects();
  await largeObject();
  await manyKeys();
} finally {
  await rm(folder, { recursive: true });
}
const width = Math.max(...rows.map(([what]) => what.length));
console.log(rows.map(([what, figure]) => `${what.padEnd(width)}  ${figure}`).join("\n"));

/** Start the program. `peak` is its greatest resident size so far in MB, `cpu` its processor seconds: 0 where /proc is missing. */
async function start(name = "data") {
  const began = performance.now();
  const args = [main, "--directory", path.join(folder, name), "--port", "0", "--bucket", Bucket];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  const endpoint = String(line).trim().replace("listening on ", "");
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
  });
  return {
    client,
    milliseconds: performance.now() - began,
    peak: () => Math.round(Number(/VmHWM:\s+(\d+)/.exec(procFile(child.pid, "status"))?.[1] ?? 0) / 1024),
    cpu: () => {
      // User and system time are the 14th and 15th fields, in hundredths of a second.
      const [user, system] = procFile(child.pid, "stat").split(" ").slice(13, 15);
      return (Number(user ?? 0) + Number(system ?? 0)) / 100;
    },
    stop: async () => {
      client.destroy();
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/**
 * @param {number | undefined} pid
 * @param {string} name
 */
function procFile(pid, name) {
  try {
    return readFileSync(`/proc/${String(pid)}/${name}`, "utf8");
  } catch {
    return "";
  }
}

async function smallObjects() {
  const { client, stop } = await start("small");
  const Body = Buffer.alloc(2048, "x");
  const count = 2000;
  const puts = await rate(count, (i) => client.send(new PutObjectCommand({ Bucket, Key: `k${i}`, Body })));
  const gets = await rate(count, async (i) => {
    const { Body: body } = await client.send(new GetObjectCommand({ Bucket, Key: `k${i}` }));
    await body?.transformToByteArray();
  });
  rows.push(["put of 2 KB, 16 at a time", `${puts} /s`], ["get of 2 KB, 16 at a time", `${gets} /s`]);
  await stop();
}

/**
 * @param {number} count
 * @param {(i: number) => Promise<unknown>} run
 */
async function rate(count, run) {
  const began = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < count) {
      await run(next++);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return Math.round((count / (performance.now() - began)) * 1000);
}

async function largeObject() {
  const { client, cpu, peak, stop } = await start("large");
  const atRest = peak();
  let cpuBefore = cpu();
  const piece = Buffer.alloc(1 << 20, "0123456789abcdef");
  const source = Readable.from(
    (function* () {
      for (let i = 0; i < megabytes; i++) {
        yield piece;
      }
    })(),
  );
  let began = performance.now();
  const params = { Bucket, Key: "large", Body: source };
  await new Upload({ client, params, partSize: 16 << 20, queueSize: 4 }).done();
  rows.push([`multipart put of ${megabytes} MB in parts of 16 MB`, throughput(began, cpu() - cpuBefore)]);
  cpuBefore = cpu();
  began = performance.now();
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "large" }));
  let size = 0;
  for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (Body)) {
    size += chunk.length;
  }
  if (size !== megabytes * 2 ** 20) {
    throw new Error(`got ${size} bytes`);
  }
  rows.push([`get of ${megabytes} MB`, throughput(began, cpu() - cpuBefore)]);
  rows.push(["the server's peak memory in both", `${peak()} MB (${atRest} MB at start)`]);
  await stop();
}

/**
 * @param {number} began
 * @param {number} cpu
 */
function throughput(began, cpu) {
  const seconds = (performance.now() - began) / 1000;
  return `${Math.round(megabytes / seconds)} MB/s (${seconds.toFixed(1)} s; the server's processor time ${cpu.toFixed(1)} s)`;
}

/** A bucket written a key every five minutes; the journal is made directly, as a million puts would take an hour. */
async function manyKeys() {
  await mkdir(path.join(folder, "many"));
  const journal = createWriteStream(path.join(folder, "many", "journal.jsonl"));
  journal.write('{"format":"local-s3/journal","formatVersion":1}\n');
  journal.write(`${JSON.stringify({ op: "create-bucket", bucket: Bucket, created: 0 })}\n`);
  for (let i = 0; i < keyCount; i++) {
    const time = new Date(Date.UTC(2015, 0, 1) + i * 300_000).toISOString().slice(0, 19);
    const version = {
      kind: "object",
      versionId: "null",
      sequence: i + 1,
      modified: i,
      size: 123_456,
      etag: i.toString(16).padStart(32, "0"),
      blobs: [{ id: i.toString(16).padStart(24, "0"), size: 123_456 }],
      multipart: false,
      checksum: { algorithm: "CRC32", value: "AAAAAA==" },
      headers: { "content-type": "text/csv" },
      metadata: { sha256: i.toString(16).padStart(64, "0") },
    };
    const line = { op: "put-version", bucket: Bucket, key: `datasets/name_${time}.csv`, version };
    if (!journal.write(`${JSON.stringify(line)}\n`)) {
      await once(journal, "drain");
    }
  }
  journal.end();
  await once(journal, "finish");

  const { client, cpu, milliseconds, peak, stop } = await start("many");
  const seconds = (milliseconds / 1000).toFixed(1);
  rows.push([
    `start with ${keyCount} keys`,
    `${seconds} s (processor time ${cpu().toFixed(1)} s), peak memory ${peak()} MB`,
  ]);
  const prefix = "datasets/name_";
  const listings = /** @type {const} */ ([
    ["a page of 1,000 keys from the middle", { StartAfter: `${prefix}2019-01-01` }],
    ["the years, by delimiter", { Prefix: prefix, Delimiter: "-" }],
    ["the last key of a day", { Prefix: `${prefix}2019-01-01`, StartAfter: `${prefix}2019-01-01T23:5` }],
  ]);
  for (const [what, input] of listings) {
    const times = [];
    for (let i = 0; i < 50; i++) {
      const began = performance.now();
      await client.send(new ListObjectsV2Command({ Bucket, ...input }));
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    rows.push([`list ${what}, SDK included`, `${(times[25] ?? 0).toFixed(1)} ms (median of 50)`]);
  }
  await stop();
}
