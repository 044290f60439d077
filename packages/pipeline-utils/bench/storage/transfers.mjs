import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { table } from "./table.mjs";

const ROUNDS = 3;
const child = fileURLToPath(new URL("transfer.mjs", import.meta.url));
const localS3 = fileURLToPath(new URL("../../../local-s3/dist/main.js", import.meta.url));

/**
 * Seconds and peak memory to put and get a file, by this package and by the bare SDK.
 *
 * @param {number} gigabytes
 */
export async function measureTransfers(gigabytes) {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-storage-"));
  const file = path.join(folder, "data.csv");
  const server = spawn(process.execPath, [
    localS3,
    "--directory",
    path.join(folder, "s3"),
    "--port",
    "0",
    "--bucket",
    "bench",
  ]);
  try {
    await writeRandom(file, gigabytes * 1000);
    const endpoint = await endpointOf(server);
    /** @type {Map<string, { seconds: number, megabytes: number }[]>} */
    const results = new Map();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const job of ["put sdk", "put ours", "get sdk", "get ours"]) {
        const { stdout } = await promisify(execFile)(process.execPath, [child, ...job.split(" "), file], {
          env: {
            ...process.env,
            AWS_ENDPOINT_URL_S3: endpoint,
            AWS_REGION: "us-east-1",
            AWS_ACCESS_KEY_ID: "local",
            AWS_SECRET_ACCESS_KEY: "local-secret",
          },
        });
        results.set(job, [...(results.get(job) ?? []), JSON.parse(stdout)]);
      }
    }
    const rows = [["", "bare SDK s", "ours s", "ratio", "bare SDK MB", "ours MB"]];
    for (const job of ["put", "get"]) {
      const [sdk, ours] = ["sdk", "ours"].map((who) => median(results.get(`${job} ${who}`) ?? []));
      if (sdk === undefined || ours === undefined) throw new Error(`no result of ${job}`);
      const ratio = (ours.seconds / sdk.seconds).toFixed(2);
      rows.push([
        job,
        sdk.seconds.toFixed(1),
        ours.seconds.toFixed(1),
        ratio,
        sdk.megabytes.toFixed(0),
        ours.megabytes.toFixed(0),
      ]);
    }
    return table(rows);
  } finally {
    server.kill();
    await rm(folder, { recursive: true });
  }
}

/** @param {string} file @param {number} megabytes */
async function writeRandom(file, megabytes) {
  const handle = await open(file, "w");
  const block = randomBytes(1_000_000);
  for (let i = 0; i < megabytes; i += 1) {
    block.writeUInt32LE(i);
    await handle.write(block);
  }
  await handle.close();
}

/** @param {import("node:child_process").ChildProcessWithoutNullStreams} server @returns {Promise<string>} */
async function endpointOf(server) {
  for await (const chunk of server.stdout) {
    const endpoint = /listening on (\S+)/.exec(String(chunk))?.[1];
    if (endpoint !== undefined) return endpoint;
  }
  throw new Error("local-s3 did not start");
}

/** @param {{ seconds: number, megabytes: number }[]} results */
function median(results) {
  const middle = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;
  return {
    seconds: middle(results.map(({ seconds }) => seconds)),
    megabytes: middle(results.map(({ megabytes }) => megabytes)),
  };
}
