// The service under everything at once: clients that behave, clients that do not, attacks one after the other, a new model every
// second, a bad one now and then.
// usage: npm run bench -- soak [SECONDS]      exit code 1 if a request failed that should not, or if memory or files grew
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import { Model, putObjectToS3 } from "@ml-pipelines/pipeline-utils";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import {
  halfSentBodies,
  idleConnections,
  repeat,
  tooLargeAndClose,
  WORST_BODIES,
} from "./support/attacks.mjs";
import { NODE_OPTIONS } from "./support/attacked-service.mjs";
import { freePort } from "./support/contender.mjs";
import { processUsage } from "./support/process-usage.mjs";

const BUCKET = "soak";
const CLIENTS = 8;
const seconds = Number(process.argv[2] ?? 300);
const folder = mkdtempSync(path.join(os.tmpdir(), "soak-"));
const server = await startLocalS3({ directory: path.join(folder, "s3"), buckets: [BUCKET] });
Object.assign(process.env, {
  AWS_ENDPOINT_URL_S3: server.endpoint,
  AWS_REGION: server.region,
  AWS_ACCESS_KEY_ID: server.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
});

/** The prediction of the model with a hash. @type {Map<string, number>} */
const hoursOfHash = new Map();
const seen = { requests: 0, failed: 0, wrong: 0 };
/** @type {Set<unknown>} */
const hashesSeen = new Set();
let ending = false;

/** Put a model that predicts the same hours for every order. @param {number} hours */
async function putModel(hours, examples = [{ product_code: "SKU001", orders_placed: 1, prediction: hours }]) {
  const model = new Model({
    name: "time-to-dispatch",
    model: dtRegression.fromJSON({ name: "DTRegression", options: {}, root: { distribution: hours } }),
    modelClass: dtRegression,
    trainDataset: { bucket: BUCKET, key: "datasets/none_2026-01-01.csv", hash: "none" },
    features: [
      { name: "product_code", type: "category", categories: ["SKU001"] },
      { name: "orders_placed", type: "number", minimum: 0 },
    ],
    metadata: { examples },
  });
  hoursOfHash.set(model.modelHash, hours);
  await model.putModelToS3({ bucket: BUCKET, folder: "models" });
}

/** Every second a model; every tenth is bad: its examples contradict it, or it is no model at all. */
async function train() {
  for (let hours = 2; !ending; hours += 1) {
    if (hours % 20 === 0) {
      await putModel(-hours, [{ product_code: "SKU001", orders_placed: 1, prediction: 1 }]);
    } else if (hours % 10 === 0) {
      const filename = `time-to-dispatch_${new Date().toISOString()}.json`;
      await putObjectToS3(new TextEncoder().encode("{"), { bucket: BUCKET, folder: "models", filename });
    } else {
      await putModel(hours);
    }
    await pause(1_000);
  }
}

/** A client that behaves: one request after the other, each answer checked against the model that it names. */
async function behave(/** @type {number} */ port) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!ending) {
    seen.requests += 1;
    try {
      const { status, headers, body } = await predict(port, agent);
      const hash = headers["x-model-hash"];
      hashesSeen.add(hash);
      if (status !== 200) {
        seen.failed += 1;
      } else if (JSON.parse(body).est_hours_to_dispatch !== hoursOfHash.get(String(hash))) {
        seen.wrong += 1;
      }
    } catch (error) {
      // Once the service was told to stop, it may refuse connections.
      if (!ending) {
        seen.failed += 1;
      }
      if (!ending) {
        console.error(error instanceof Error ? error.message : error);
      }
    }
    await pause(10);
  }
  agent.destroy();
}

/** @param {number} port @param {Agent} agent */
async function predict(port, agent) {
  const headers = { "content-type": "application/json" };
  const outgoing = request({
    port,
    host: "127.0.0.1",
    method: "POST",
    path: "/api/v0.1/time_to_dispatch",
    headers,
    agent,
  });
  outgoing.end('{"product_code": "SKU001", "orders_placed": 10}');
  const [response] = await once(outgoing, "response");
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) {
    body += chunk;
  }
  return { status: response.statusCode, headers: response.headers, body };
}

/** Clients that do not: they hang without a word, stop in the head or in the body, or leave before the answer. */
async function misbehave(/** @type {number} */ port) {
  const head =
    "POST /api/v0.1/time_to_dispatch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 47\r\n";
  const beginnings = [
    "",
    "POST /api",
    `${head}\r\n{"product`,
    `${head}\r\n{"product_code": "SKU001", "orders_placed": 10}`,
  ];
  for (let index = 0; !ending; index += 1) {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    socket.write(beginnings[index % beginnings.length] ?? "");
    // One in three waits until the service has had enough of it.
    if (index % 3 !== 0) {
      setTimeout(() => socket.destroy(), index % 50);
    }
    await pause(50);
  }
}

/** One attack after the other, until the end. */
async function attack(/** @type {number} */ port) {
  const attacks = [
    () => halfSentBodies(port, 300, 2),
    async () => {
      const { close } = await idleConnections(port, 1_000);
      await pause(2_000);
      close();
    },
    ...Object.values(WORST_BODIES).map((body) => () => repeat(port, body, 4, 2)),
    () => tooLargeAndClose(port),
  ];
  for (let index = 0; !ending; index += 1) {
    await attacks[index % attacks.length]?.();
  }
}

/** For so long the service keeps connections that were answered and left open: until then their number grows. */
const SETTLING_SECONDS = 75;

/**
 * Memory and files of the process, sampled every second; the most of the first and of the last half of the time after it has settled,
 * or in the last third of a shorter run. The most, as memory rises for half a minute and more until garbage is collected.
 */
async function watch(/** @type {number} */ pid) {
  /** @type {{ megabytes: number, files: number }[]} */
  const samples = [];
  for (let second = 0; second < seconds; second += 1) {
    await pause(1_000);
    const files = readdirSync(`/proc/${pid}/fd`).length;
    samples.push({ megabytes: processUsage(pid).residentMegabytes, files });
  }
  const settled = samples.slice(Math.min(SETTLING_SECONDS, Math.floor(samples.length * 0.65)));
  const half = settled.length >> 1;
  const summarise = (/** @type {typeof samples} */ part) => ({
    megabytes: Math.max(...part.map(({ megabytes }) => megabytes)),
    files: Math.max(...part.map(({ files }) => files)),
  });
  return { early: summarise(settled.slice(0, half)), late: summarise(settled.slice(half)) };
}

await putModel(1);
const port = await freePort();
const main = path.join(path.dirname(fileURLToPath(import.meta.url)), "../dist/main.js");
const args = [main, BUCKET, "--host", "127.0.0.1", "--port", String(port), "--poll-seconds", "0.3"];
const service = spawn(process.execPath, args, {
  env: { ...process.env, NODE_OPTIONS },
  stdio: ["ignore", "ignore", "inherit"],
});
try {
  while (
    !(await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    await pause(50);
  }
  console.log(
    `${seconds} s: ${CLIENTS} clients that behave, 20 others a second, attacks, a new model every second, every tenth bad`,
  );
  const work = [
    train(),
    misbehave(port),
    attack(port),
    ...Array.from({ length: CLIENTS }, () => behave(port)),
  ];
  const { early, late } = await watch(service.pid ?? 0);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const outcome = (/** @type {string} */ name) =>
    Number(new RegExp(`outcome="${name}"\\} (\\d+)`).exec(metrics)?.[1]);
  const ended = once(service, "exit");
  ending = true;
  service.kill("SIGTERM");
  const [code] = await ended;
  await Promise.all(work);
  console.log(`
requests                       ${seen.requests}
  failed                       ${seen.failed}
  answered by another model    ${seen.wrong}
models put / served / refused  ${hoursOfHash.size} / ${outcome("loaded")} / ${outcome("refused")}
models seen by clients         ${hashesSeen.size}
most resident MB, early / late ${early.megabytes.toFixed(0)} / ${late.megabytes.toFixed(0)}
most open files, early / late  ${early.files} / ${late.files}
exit code on SIGTERM           ${code}`);
  const grew = late.megabytes > 1.1 * early.megabytes || late.files > early.files + 20;
  if (seen.failed > 0 || seen.wrong > 0 || grew || code !== 0) {
    process.exitCode = 1;
  }
} finally {
  service.kill("SIGKILL");
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
