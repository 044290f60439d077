// Attacks on the service, each with its bound: memory, stalls, and the requests of others.
// usage: npm run bench -- attack [CASE...]      exit code 1 if a bound does not hold; loopback only, six minutes
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import { putObjectToS3 } from "@ml-pipelines/pipeline-utils";
import { AttackedService } from "./support/attacked-service.mjs";
import * as attacks from "./support/attacks.mjs";
import { largeModel } from "./support/large-model.mjs";

/** The manifest's limit of 256 MiB, and what is left of it for the system's own buffers. */
const MAX_MEGABYTES = { bodies: 200, models: 256 };
const MAX_P99_MS = 100;
const MAX_STALL_MS = 100;
/** A file of 8.4 MB, just within the limit of 8 MiB. */
const LARGEST_LEAVES = 84_000;

/** @typedef {{ label: string, value: number, bound: number, unit: string }} Figure */

/** @type {Record<string, (service: AttackedService, bucket: string) => Promise<Figure[]>>} */
const CASES = {
  "half-sent bodies, 250": (service) => halfSent(service, 250),
  "half-sent bodies, 600": (service) => halfSent(service, 600),
  "half-sent bodies, 1000": (service) => halfSent(service, 1_000),
  "half-sent bodies, 1000, beside whole batches": async (service) => {
    const batches = attacks.repeat(service.port, attacks.WORST_BODIES["10,000 rows"], 100, 8);
    const beside = service.askBeside(batches);
    await attacks.halfSentBodies(service.port, 1_000, 4);
    return [failures(await beside), megabytes(service, MAX_MEGABYTES.bodies)];
  },
  "idle connections": async (service) => {
    const { close } = await attacks.idleConnections(service.port, 2_000);
    let refused = 0;
    for (let probe = 0; probe < 5; probe += 1) {
      refused += (await service.status("/healthz")) === 200 ? 0 : 1;
      await pause(500);
    }
    close();
    return [{ label: "liveness probes without 200, of 5", value: refused, bound: 0, unit: "" }];
  },
  "too large, and close": async (service) => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => attacks.tooLargeAndClose(service.port)),
    );
    const other = answers.filter((line) => !line.includes(" 413 ")).length;
    return [{ label: "clients without their 413, of 20", value: other, bound: 0, unit: "" }];
  },
  "worst bodies": async (service) => {
    const figures = [];
    for (const [name, body] of Object.entries(attacks.WORST_BODIES)) {
      const { failed, p99 } = await service.askBeside(attacks.repeat(service.port, body, 4, 5));
      figures.push({ label: `p99 of others, ${name}`, value: p99, bound: MAX_P99_MS, unit: "ms" });
      figures.push(failures({ failed }));
    }
    return figures;
  },
  "swaps to models of 8 MiB": async (service, bucket) => {
    const figures = [];
    for (const seed of [2, 3, 4]) {
      const model = largeModel(LARGEST_LEAVES, seed);
      await model.putModelToS3({ bucket, folder: "models" });
      await service.longestDelay();
      const swapped = until(service, ({ model_hash: hash }) => hash === model.modelHash);
      figures.push(failures(await service.askBeside(swapped)));
      figures.push({
        label: "longest stall",
        value: await service.longestDelay(),
        bound: MAX_STALL_MS,
        unit: "ms",
      });
    }
    return [...figures, megabytes(service, MAX_MEGABYTES.models)];
  },
  "hostile models of 8 MiB": async (service, bucket) => {
    const figures = [];
    for (const [name, content] of Object.entries(attacks.WORST_MODELS)) {
      const key = await putHostile(bucket, content());
      await service.longestDelay();
      const refused = until(service, ({ refused_model: address }) => String(address).endsWith(key));
      figures.push(failures(await service.askBeside(refused)));
      const label = `longest stall, ${name}`;
      figures.push({ label, value: await service.longestDelay(), bound: MAX_STALL_MS, unit: "ms" });
    }
    return [...figures, megabytes(service, MAX_MEGABYTES.models)];
  },
};

/** @param {AttackedService} service @param {number} count */
async function halfSent(service, count) {
  const beside = await service.askBeside(attacks.halfSentBodies(service.port, count, 3));
  return [failures(beside), megabytes(service, MAX_MEGABYTES.bodies)];
}

/** @param {{ failed: number }} beside @returns {Figure} */
const failures = ({ failed }) => ({
  label: "failed predictions of others",
  value: failed,
  bound: 0,
  unit: "",
});

/** @param {AttackedService} service @param {number} bound @returns {Figure} */
const megabytes = (service, bound) => ({
  label: "most resident memory",
  value: service.peakMegabytes,
  bound,
  unit: "MB",
});

/** Wait until the service is as expected, by `/readyz`. @param {AttackedService} service @param {(ready: any) => boolean} isExpected */
async function until(service, isExpected) {
  for (let tries = 0; !isExpected(await service.json("/readyz")); tries += 1) {
    if (tries > 600) {
      throw new Error("the service did not come to it within a minute");
    }
    await pause(100);
  }
}

/** Put a model's file that is none. @param {string} bucket @param {string} model */
async function putHostile(bucket, model) {
  const now = new Date().toISOString();
  const head = JSON.stringify({
    format: "pipeline-utils/model",
    formatVersion: 1,
    name: "time-to-dispatch",
    modelType: "DTRegression",
    creationTime: now,
    modelHash: "none",
    trainDataset: { bucket, key: "none", hash: "none" },
    pipelineGitCommitHash: "NA",
    features: [],
    metadata: {},
  });
  const bytes = new TextEncoder().encode(`${head.slice(0, -1)},"model":${model}}`);
  const filename = `time-to-dispatch_${now}.json`;
  return (await putObjectToS3(bytes, { bucket, folder: "models", filename })).key;
}

const given = process.argv.slice(2);
const names = Object.keys(CASES).filter(
  (name) => given.length === 0 || given.some((part) => name.includes(part)),
);
const folder = mkdtempSync(path.join(os.tmpdir(), "attack-"));
const bucketOf = (/** @type {string} */ name) => `attack-${names.indexOf(name)}`;
const server = await startLocalS3({ directory: folder, buckets: names.map(bucketOf) });
Object.assign(process.env, {
  AWS_ENDPOINT_URL_S3: server.endpoint,
  AWS_REGION: server.region,
  AWS_ACCESS_KEY_ID: server.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
});

/** A service of its own for each case. @param {string} name */
async function attack(name) {
  const bucket = bucketOf(name);
  await largeModel(8, 1).putModelToS3({ bucket, folder: "models" });
  const service = await AttackedService.start(bucket);
  try {
    service.resetPeak();
    console.log(name);
    for (const { label, value, bound, unit } of (await CASES[name]?.(service, bucket)) ?? []) {
      const isWithin = value <= bound && service.isRunning;
      const figure = `  ${label.padEnd(42)} ${value.toFixed(0).padStart(5)} ${unit.padEnd(2)}  at most ${bound}`;
      console.log(isWithin ? figure : `${figure}  FAILED`);
      process.exitCode = isWithin ? process.exitCode : 1;
    }
  } finally {
    await service.stop();
  }
}

try {
  for (const name of names) {
    await attack(name);
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
