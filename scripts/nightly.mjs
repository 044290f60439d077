#!/usr/bin/env node
// Runs the tests and measurements that take too long for every commit, and writes the results to docs/nightly.md.
// usage: node scripts/nightly.mjs [STEP...]     exit code 1 if a step failed; the others run all the same
import { spawn, execFileSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { availableParallelism, loadavg, totalmem } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./run.mjs";

const PAGE = "docs/nightly.md";
const PRETTIER = "node_modules/prettier/bin/prettier.cjs";
const MAX_LINES_SHOWN = 40;

/** Arguments of `npm run --silent`, and further variables. @type {Record<string, [args: string[], variables: Record<string, string>]>} */
const STEPS = {
  search: [["jest", "--", "find-latest-object"], { SEARCH_TEST_RUNS: "20000" }],
  openapi: [["jest", "--", "model-server/test/openapi"], { OPENAPI_LINTERS: "1" }],
  "fuzz-local-s3": [["jest", "--", "hostile-requests"], { FUZZ_RUNS: "5000" }],
  "fuzz-trees": [["jest", "--", "decision-tree/test/(growth|pruning)"], { FAST_CHECK_RUNS: "2000" }],
  "fuzz-formats": [["bench", "--", "fuzz-formats", "3"], {}],
  "csv-memory": [["bench", "--", "csv-memory"], {}],
  "large-parquet": [["bench", "--", "large-parquet"], {}],
  clients: [["jest", "--", "scripts/test/.*\\.nightly"], { NIGHTLY_TESTS: "1" }],
  deploy: [["jest", "--", "deploy/test/.*\\.nightly"], { NIGHTLY_TESTS: "1" }],
  programs: [["jest", "--", "(apps|packages)/.*\\.nightly"], { NIGHTLY_TESTS: "1" }],
  radosgw: [["jest:radosgw", "--", "pipeline-utils/test/aws"], {}],
  soak: [["bench", "--", "soak", "240"], {}],
  attack: [["bench", "--", "attack"], {}],
  serve: [["bench", "--", "serve"], {}],
  storage: [["bench", "--", "storage", "2", "1"], {}],
  formats: [["bench", "--", "formats"], {}],
  trees: [["bench", "--", "trees"], {}],
  train: [["bench", "--", "train"], {}],
  onnx: [["bench", "--", "onnx"], {}],
};

/**
 * @typedef {object} Result
 * @property {string} step
 * @property {boolean} hasPassed
 * @property {number} seconds
 * @property {string} output
 */

/**
 * @param {string} step
 * @param {[string[], Record<string, string>]} command
 * @returns {Promise<Result>}
 */
async function runStep(step, [args, variables]) {
  console.log(`\n== ${step}`);
  const begin = performance.now();
  const child = spawn("npm", ["run", "--silent", ...args], {
    cwd: root,
    env: { ...process.env, ...variables, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output += text;
      process.stdout.write(text);
    });
  }
  const [exitCode] = await once(child, "close");
  return { step, hasPassed: exitCode === 0, seconds: (performance.now() - begin) / 1_000, output };
}

/** The figures of an output: its last lines, each as a terminal shows it at the end. @param {string} output */
export function figuresOf(output) {
  return stripVTControlCharacters(output)
    .split("\n")
    .map((line) => line.slice(line.trimEnd().lastIndexOf("\r") + 1).trimEnd())
    .filter((line) => !/^(?:Building …|PASS .*|\s*✓.*)?$/.test(line))
    .slice(-MAX_LINES_SHOWN)
    .join("\n");
}

/**
 * @param {readonly Result[]} results
 * @param {string} commit
 */
export function pageOf(results, commit) {
  const rows = results.map(({ step, hasPassed, seconds }) => {
    return `| ${step} | ${hasPassed ? "passed" : "failed"} | ${seconds.toFixed(0)} |`;
  });
  const sections = results.map(({ step, output }) => `## ${step}\n\n\`\`\`\n${figuresOf(output)}\n\`\`\`\n`);
  return `# The last nightly run

\`.ci/nightly\` writes this page. \`.ci/nightly STEP\` runs one step.

- Date: ${new Date().toISOString().slice(0, 16)}Z
- Commit: ${commit}
- Machine: ${availableParallelism()} cores, ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}
- Load at the end: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(", ")} (1, 5 and 15 min)

| step | result | seconds |
| ---- | ------ | ------: |
${rows.join("\n")}

${sections.join("\n")}`;
}

async function main() {
  const given = process.argv.slice(2);
  const unknown = given.find((step) => !Object.hasOwn(STEPS, step));
  if (unknown !== undefined) {
    console.error(`step ${unknown} is unknown, expected ${Object.keys(STEPS).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  /** @type {Result[]} */
  const results = [];
  for (const [step, command] of Object.entries(STEPS)) {
    if (given.length === 0 || given.includes(step)) {
      results.push(await runStep(step, command));
    }
  }
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" });
  writeFileSync(path.join(root, PAGE), pageOf(results, commit.trim()));
  execFileSync(process.execPath, [PRETTIER, "--write", "--log-level", "warn", PAGE], { cwd: root });
  process.exitCode = results.every(({ hasPassed }) => hasPassed) ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) {
  await main();
}
