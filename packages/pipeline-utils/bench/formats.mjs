// npm run bench -- formats: CSV and Parquet, in CPU seconds, beside pandas, papaparse, DuckDB and Polars where they are installed.
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readCsv, writeParquet } from "@ml-pipelines/pipeline-utils";
import { createReadStream } from "node:fs";
import { writeNarrow, writeWide } from "./formats/generate.mjs";

const ROUNDS = 3;
const NARROW_ROWS = 1_000_000;
const WIDE_ROWS = 250_000;
const TASKS = ["read-csv", "read-csv-warm", "write-csv", "read-parquet", "write-parquet"];
/**
 * Puts off the optimising compiler of WebAssembly, which costs more than it saves in a process that reads one file.
 *
 * @see https://v8.dev/docs/wasm-compilation-pipeline
 */
const TIERING_BUDGET = "--wasm-tiering-budget=100000000";
/**
 * Ratios to reach. CSV is measured against pandas, Parquet against DuckDB.
 *
 * @type {Record<string, number>}
 */
const TARGETS = {
  "narrow read-csv-warm pipeline-utils": 0.65,
  "wide read-csv-warm pipeline-utils": 0.65,
  "narrow read-parquet pipeline-utils, tiering budget": 1.8,
  "wide read-parquet pipeline-utils, tiering budget": 2,
};
const node = process.execPath;
const python = "/usr/bin/python3";
const ours = fileURLToPath(new URL("./formats/ours.mjs", import.meta.url));

/** The programs that are compared, and the tasks that each has. */
const TOOLS = [
  {
    name: "pandas",
    command: [python, fileURLToPath(new URL("./formats/with_pandas.py", import.meta.url))],
    tasks: ["read-csv", "read-csv-warm", "write-csv"],
  },
  {
    name: "pipeline-utils",
    command: [node, ours],
    tasks: TASKS,
  },
  {
    name: "pipeline-utils, tiering budget",
    command: [node, TIERING_BUDGET, ours],
    tasks: ["read-parquet", "write-parquet"],
  },
  {
    name: "papaparse",
    command: [node, fileURLToPath(new URL("./formats/with-papaparse.mjs", import.meta.url))],
    tasks: ["read-csv", "write-csv"],
  },
  {
    name: "DuckDB",
    command: [node, fileURLToPath(new URL("./formats/with-duckdb.mjs", import.meta.url))],
    tasks: ["read-csv", "write-csv", "read-parquet", "write-parquet"],
  },
  {
    name: "Polars",
    command: [node, fileURLToPath(new URL("./formats/with-polars.mjs", import.meta.url))],
    tasks: ["read-csv", "write-csv", "read-parquet", "write-parquet"],
  },
];

/**
 * @param {readonly string[]} command
 * @param {string} task
 * @param {string} input
 * @returns {Promise<{ cpu: number, peak: number } | undefined>} undefined where the tool is not installed
 */
async function run([program = "", ...args], task, input) {
  try {
    const { stdout } = await promisify(execFile)(program, [...args, task, input]);
    return JSON.parse(stdout);
  } catch (error) {
    if (/ENOENT|ModuleNotFoundError|MODULE_NOT_FOUND/.test(String(error))) {
      return undefined;
    }
    throw error;
  }
}

/** @param {string} file */
async function checkMemory(file) {
  const { size } = await stat(file);
  const streamed = await run([node, ours], "stream-csv", file);
  console.log(
    `readCsv of ${path.basename(file)} as a stream from the disk: peak ${streamed?.peak} MB, bound ${((2.5 * size) / 1e6 + 100).toFixed(0)} MB`,
  );
}

/** @param {readonly number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const folder = await mkdtemp(path.join(tmpdir(), "bench-formats-"));
try {
  const narrow = path.join(folder, "narrow.csv");
  const wide = path.join(folder, "wide.csv");
  await writeNarrow(narrow, NARROW_ROWS);
  await writeWide(wide, WIDE_ROWS);
  const results = [];
  /** @type {Set<string>} */
  const absent = new Set();
  for (const [file, rows] of /** @type {const} */ ([
    [narrow, NARROW_ROWS],
    [wide, WIDE_ROWS],
  ])) {
    const megabytes = (await stat(file)).size / 1e6;
    const parquet = file.replace(".csv", ".parquet");
    await writeFile(parquet, writeParquet(await readCsv(createReadStream(file))));
    for (const task of TASKS) {
      const tools = TOOLS.filter(({ tasks }) => tasks.includes(task));
      /** @type {Map<string, { cpu: number, peak: number }[]>} */
      const runs = new Map(tools.map(({ name }) => [name, []]));
      for (let round = 0; round < ROUNDS; round++) {
        for (const { name, command } of tools) {
          const result = await run(command, task, task === "read-parquet" ? parquet : file);
          if (result !== undefined) {
            runs.get(name)?.push(result);
          } else {
            absent.add(name);
          }
        }
      }
      const yardstick = median(
        (runs.get(task.endsWith("parquet") ? "DuckDB" : "pandas") ?? []).map(({ cpu }) => cpu),
      );
      for (const [name, taken] of runs) {
        if (taken.length === 0) {
          continue;
        }
        const cpu = median(taken.map((one) => one.cpu));
        results.push({
          file: `${path.basename(file, ".csv")}, ${rows} rows, ${megabytes.toFixed(0)} MB`,
          task,
          tool: name,
          "CPU s": cpu.toFixed(2),
          "x pandas or DuckDB": Number.isNaN(yardstick) ? "" : (cpu / yardstick).toFixed(2),
          target: TARGETS[`${path.basename(file, ".csv")} ${task} ${name}`]?.toFixed(2) ?? "",
          "peak MB": median(taken.map((one) => one.peak)),
        });
      }
    }
    await checkMemory(file);
  }
  console.log(
    `CPU seconds, imports left out, medians of ${ROUNDS} interleaved runs; Node ${process.version}`,
  );
  for (const name of absent) {
    console.log(`${name} is not installed here`);
  }
  const columns = ["file", "task", "tool", "CPU s", "x pandas or DuckDB", "target", "peak MB"];
  const lines = [columns, ...results.map((result) => Object.values(result).map(String))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  for (const line of lines) {
    console.log(
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
