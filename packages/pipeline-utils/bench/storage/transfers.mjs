import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { endpointOf } from "./endpoint.mjs";
import { limitSpeed } from "./limit-speed.mjs";
import { table } from "./table.mjs";

const child = fileURLToPath(new URL("transfer.mjs", import.meta.url));
const localS3 = fileURLToPath(new URL("../../../local-s3/dist/main.js", import.meta.url));

/**
 * Megabytes a second that a connection gets, beside all that loopback gives: what S3 gives one request, and some three times that. For
 * gets, which have one connection: to puts, which have several, such limits are none.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html ("85–90 MB/s")
 */
const LIMITS = [undefined, 250, 90];

/**
 * Seconds and peak memory to put and get a file, by this package and by the bare SDK, over connections of several speeds.
 *
 * @param {number} gigabytes
 * @param {number} rounds
 */
export async function measureTransfers(gigabytes, rounds) {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-storage-"));
  const file = path.join(folder, "data.csv");
  const directory = path.join(folder, "s3");
  const localS3Arguments = [localS3, "--directory", directory, "--port", "0", "--bucket", "bench"];
  const server = spawn(process.execPath, localS3Arguments);
  try {
    await writeRandom(file, gigabytes * 1000);
    const endpoint = await endpointOf(server);
    const rows = [["", "seconds", "CPU s", "peak MB", "x bare SDK"]];
    for (const limit of LIMITS) {
      const limited = limit === undefined ? undefined : await limitSpeed(endpoint, limit * 1e6);
      const actions = limit === undefined ? ["put", "get"] : ["get"];
      const results = await runAll(actions, limited?.endpoint ?? endpoint, file, rounds);
      limited?.stop();
      rows.push(...rowsOf(actions, results, limit === undefined ? "" : ` at ${limit} MB/s`));
    }
    return table(rows);
  } finally {
    server.kill();
    await rm(folder, { recursive: true });
  }
}

/** @typedef {{ seconds: number, cpu: number, megabytes: number }} Result */

/** @param {string[]} actions @param {string} endpoint @param {string} file @param {number} rounds */
async function runAll(actions, endpoint, file, rounds) {
  /** @type {Map<string, Result[]>} */
  const results = new Map();
  for (let round = 0; round < rounds; round += 1) {
    // In turns, since the second of two writes may wait for the disk to take the first.
    const order = round % 2 === 0 ? ["ours", "sdk"] : ["sdk", "ours"];
    for (const job of actions.flatMap((action) => order.map((who) => `${action} ${who}`))) {
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
  return results;
}

/** @param {string[]} actions @param {Map<string, Result[]>} results @param {string} speed */
function rowsOf(actions, results, speed) {
  return actions.flatMap((job) => {
    const bare = median(results.get(`${job} sdk`) ?? []);
    return ["sdk", "ours"].map((who) => {
      const { seconds, cpu, megabytes } = median(results.get(`${job} ${who}`) ?? []);
      const name = `${job}${speed}, ${who === "sdk" ? "bare SDK" : "this package"}`;
      const ratio = (seconds / bare.seconds).toFixed(2);
      return [name, seconds.toFixed(1), cpu.toFixed(1), megabytes.toFixed(0), ratio];
    });
  });
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

/** @param {Result[]} results */
function median(results) {
  const middle = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;
  return {
    seconds: middle(results.map(({ seconds }) => seconds)),
    cpu: middle(results.map(({ cpu }) => cpu)),
    megabytes: middle(results.map(({ megabytes }) => megabytes)),
  };
}
