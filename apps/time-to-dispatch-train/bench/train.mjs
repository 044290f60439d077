// The whole training process (start to exit, full grid, a local S3 server) against scikit-learn's search alone.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startLocalS3 } from "@ml-pipelines/local-s3";
import { putCsvDatasetToS3, readCsv } from "@ml-pipelines/pipeline-utils";
import { sampleDataset } from "../../../scripts/sample-dataset.mjs";

const RUNS = 5;
const here = path.dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), "bench-train-"));

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** CPU seconds of one training process: user and system, from its start to its exit. */
async function trainOnce() {
  const report = path.join(folder, "cpu.json");
  const child = spawn(
    process.execPath,
    [
      "--import",
      pathToFileURL(path.join(here, "support/report-cpu.mjs")).href,
      path.join(here, "../dist/main.js"),
      "bench",
      "0.5",
      "0.6",
    ],
    {
      env: { ...process.env, REPORT_CPU: report, LOG_LEVEL: "ERROR" },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const [code] = await once(child, "exit");
  if (code !== 0) {
    throw new Error(`training ended with exit code ${code}`);
  }
  const { user, system } = JSON.parse(readFileSync(report, "utf8"));
  return (user + system) / 1e6;
}

/** @param {string} dataset */
function searchWithScikitLearn(dataset) {
  const { status, stdout } = spawnSync(
    "/usr/bin/python3",
    [path.join(here, "support/search_sklearn.py"), dataset],
    { encoding: "utf8" },
  );
  return status === 0 ? JSON.parse(stdout).cpu_s : undefined;
}

const csv = process.argv[2] === undefined ? sampleDataset() : readFileSync(process.argv[2], "utf8");
const server = await startLocalS3({ directory: path.join(folder, "s3"), buckets: ["bench"] });
Object.assign(process.env, {
  AWS_ENDPOINT_URL_S3: server.endpoint,
  AWS_REGION: server.region,
  AWS_ACCESS_KEY_ID: server.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
});
try {
  const table = await readCsv(Readable.from([Buffer.from(csv)]));
  await putCsvDatasetToS3(table, {
    filenamePrefix: "time_to_dispatch",
    refDatetime: new Date(),
    bucket: "bench",
    folder: "datasets",
  });
  const runs = [];
  for (let run = 0; run < RUNS; run++) {
    runs.push(await trainOnce());
  }
  const file = path.join(folder, "orders.csv");
  writeFileSync(file, csv);
  const peer = searchWithScikitLearn(file);
  console.log(`\ntrain: ${table.numRows} rows, 1,620 points, 5 folds; CPU seconds, median of ${RUNS}\n`);
  console.log(`  this program, start to exit     ${median(runs).toFixed(2)}`);
  console.log(`  scikit-learn, its search alone  ${peer === undefined ? "not installed" : peer.toFixed(2)}`);
  if (peer !== undefined) {
    console.log(`  ratio                           ${(peer / median(runs)).toFixed(0)}`);
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
