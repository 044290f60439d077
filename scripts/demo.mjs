#!/usr/bin/env node
// The whole story on one machine: bucket -> training -> model in the bucket -> served prediction.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import { Programs } from "./programs.mjs";
import { root } from "./run.mjs";
import { sampleDataset } from "./sample-dataset.mjs";
import { setup } from "./setup.mjs";

const BUCKET = "time-to-dispatch";
const USAGE = `usage: npm run demo [-- --once]

Installs, builds, starts an S3 server on a folder, writes a sample dataset, trains on it, serves the model and asks it
for one prediction. The service stays up until Ctrl-C; with --once it ends after the prediction.`;

/** As the programs have it: another try fails again. */
const WRONG_ARGUMENTS = 2;

/** @param {string} title */
const step = (title) => console.log(`\n▸ ${title}`);

/**
 * A port that is free now: the one asked for, else any.
 *
 * @param {number} port
 * @returns {Promise<number>}
 */
const freePort = (port) =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", () => freePort(0).then(resolve, reject));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });

/** Put about 1,000 made-up orders where the data engineers would deliver them. */
async function writeSampleDataset() {
  const { putCsvDatasetToS3, readCsv } = await import("../packages/pipeline-utils/dist/index.js");
  const orders = await readCsv(Readable.from([Buffer.from(sampleDataset())]));
  const artefact = await putCsvDatasetToS3(orders, {
    filenamePrefix: "time_to_dispatch",
    refDatetime: new Date(),
    bucket: BUCKET,
    folder: "datasets",
  });
  console.log(`wrote ${artefact.address}`);
}

/**
 * Ask the service until it answers.
 *
 * @param {string} url
 * @param {Programs} programs
 */
async function predict(url, programs) {
  const order = { product_code: "SKU001", orders_placed: 10 };
  const request = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
  };
  for (const giveUp = Date.now() + 30_000; ;) {
    programs.throwIfEnded();
    try {
      const response = await fetch(url, { ...request, signal: AbortSignal.timeout(5_000) });
      if (response.ok) {
        return { request: order, response: await response.json() };
      }
      if (Date.now() > giveUp) {
        throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
      }
    } catch (error) {
      if (Date.now() > giveUp) {
        throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {{ once: boolean, folder: string, programs: Programs, signal: AbortSignal }} options */
async function demo({ once, folder, programs, signal }) {
  step("Install and build");
  await setup({ signal });

  step(`Start an S3 server on ${folder}`);
  const s3 = programs.start(
    "packages/local-s3/dist/main.js",
    "--directory",
    folder,
    "--port",
    "0",
    "--bucket",
    BUCKET,
  );
  const endpoint = await s3.waitForOutput(/listening on (http:\S+)/);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local-secret",
    // The SDK is pinned to a version that supports this Node.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  });

  step("Write a sample dataset");
  await writeSampleDataset();

  step("Train on the newest dataset: 1,620 points, 5 folds");
  await programs.start("apps/time-to-dispatch-train/dist/main.js", BUCKET, "0.8", "0.9").waitForEnd();

  step("Serve the newest model");
  const port = await freePort(8000);
  const service = `http://127.0.0.1:${port}`;
  programs.start(
    "apps/time-to-dispatch-serve/dist/main.js",
    BUCKET,
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
  );
  const { request, response } = await predict(`${service}/api/v0.1/time_to_dispatch`, programs);

  step("One prediction");
  console.log(
    `POST ${service}/api/v0.1/time_to_dispatch\n${JSON.stringify(request)}\n${JSON.stringify(response, null, 2)}`,
  );
  if (once) {
    return;
  }

  step("The service is up; Ctrl-C ends it");
  console.log(`curl ${service}/api/v0.1/time_to_dispatch --header "Content-Type: application/json" \\
    --data '${JSON.stringify(request)}'\n\nservice  ${service}\nS3       ${endpoint}  (bucket ${BUCKET}, access key local, secret local-secret)`);
  await programs.waitForFirstEnd();
}

/** @returns {{ once: boolean, help: boolean }} */
function parseArguments() {
  try {
    const { values } = parseArgs({
      options: { once: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
    });
    return values;
  } catch (error) {
    process.exitCode = WRONG_ARGUMENTS;
    throw error;
  }
}

process.chdir(root);
const programs = new Programs();
const folder = mkdtempSync(path.join(os.tmpdir(), "ml-pipelines-demo-"));
const interruption = new AbortController();
const interrupt = () => {
  interruption.abort();
  void programs.stop();
};
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, interrupt);
}
// The shell between npm and this script keeps a signal to npm to itself: what shows is that the parent is gone.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) {
    interrupt();
  }
}, 500).unref();
try {
  const { once, help } = parseArguments();
  if (help) {
    console.log(USAGE);
  } else {
    await demo({ once, folder, programs, signal: interruption.signal });
  }
} catch (error) {
  if (!interruption.signal.aborted) {
    console.error(`\nDemo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode ??= 1;
  }
} finally {
  await programs.stop();
  rmSync(folder, { recursive: true, force: true });
}
