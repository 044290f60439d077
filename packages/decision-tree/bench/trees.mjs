// npm run bench -- trees [--rows 10000,100000] [--features 2,20] [--kinds integer,continuous]
//                        [--criteria squared_error,absolute_error] [--limit 20] [--no-grid] [--no-cold]
// CPU seconds of single fits (leaf size 5, no depth limit) and of the full grid, beside scikit-learn's on the same data
// where /usr/bin/python3 has it. First, small searches and first fits in cold code: see support/cold.mjs. An empty list,
// such as --rows "", leaves the single fits out. Every figure is of a process of its own. Short fits are repeated, up to 200 times or two
// seconds, and the best counts, on both sides; the first, before the compiler has warmed up, is told too. MB is what the
// first fit added to the process at its peak.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { DecisionTreeRegressor, GridSearchCV } from "../dist/index.js";
import { makeData } from "./make-data.mjs";
import { coldTable, runCold } from "./support/cold.mjs";

const PYTHON = "/usr/bin/python3";
const PEER = path.join(import.meta.dirname, "trees_sklearn.py");

/** @typedef {{ cpu: number, first?: number, nodes?: number, megabytes?: number, best?: string }} Measured */

/** @param {string} file @param {number} rows */
function readData(file, rows) {
  const bytes = readFileSync(file);
  const all = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  const columns = [];
  for (let start = 0; start < all.length; start += rows) {
    columns.push(all.slice(start, start + rows));
  }
  const y = columns.pop();
  if (y === undefined) {
    throw new Error(`${file} is empty`);
  }
  return { columns, y };
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** In a child process: fit, and print what it took. @param {string} file @param {number} rows @param {string} criterion */
function fit(file, rows, criterion) {
  const { columns, y } = readData(file, rows);
  const data = process.memoryUsage.rss();
  const options =
    criterion === "absolute_error" ? { criterion: /** @type {const} */ ("absolute_error") } : {};
  /** @type {number[]} */
  const times = [];
  const fitOnce = () => {
    const before = cpuSeconds();
    const { tree } = new DecisionTreeRegressor({ ...options, minSamplesLeaf: 5 }).fit(columns, y);
    times.push(cpuSeconds() - before);
    return tree.feature.length;
  };
  const nodes = fitOnce();
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024 - data / 2 ** 20);
  while (times.length < 200 && times.reduce((sum, time) => sum + time) < 2) {
    fitOnce();
  }
  console.log(JSON.stringify({ cpu: Math.min(...times), first: times[0], nodes, megabytes }));
}

/** In a child process: search the full grid, and print what the whole process took. @param {string} file @param {number} rows */
async function searchGrid(file, rows) {
  const { columns, y } = readData(file, rows);
  const sizes = [2, 3, 4, 5, 6, 7, 8, 9, 10];
  const search = new GridSearchCV(new DecisionTreeRegressor(), {
    criterion: ["squared_error", "absolute_error"],
    maxDepth: [...sizes, null],
    minSamplesLeaf: sizes,
    minSamplesSplit: sizes,
  });
  await search.fit(columns, y);
  const { criterion, maxDepth, minSamplesLeaf, minSamplesSplit } = search.bestParams;
  const best = `${criterion ?? ""} ${maxDepth ?? "none"} ${minSamplesLeaf ?? ""} ${minSamplesSplit ?? ""}`;
  console.log(JSON.stringify({ cpu: cpuSeconds(), best: `${best} ${search.bestScore.toFixed(9)}` }));
}

/** Certificates that a machine adds to Node's take longer to read, at every start, than Node takes to start. */
const ENVIRONMENT = { ...process.env };
delete ENVIRONMENT.NODE_EXTRA_CA_CERTS;

/** @param {string[]} args @returns {Measured} */
function measureOurs(args) {
  const output = execFileSync(process.execPath, [import.meta.filename, ...args], {
    encoding: "utf8",
    env: ENVIRONMENT,
  });
  return JSON.parse(output);
}

/** @param {string[]} args @param {number} limit CPU seconds. @returns {Measured | undefined} Undefined where it took longer. */
function measureScikitLearn(args, limit) {
  const { stdout, status } = spawnSync(PYTHON, [PEER, String(limit), ...args], { encoding: "utf8" });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

/** @param {string[][]} rows */
function printTable(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}

/** @param {Measured} ours @param {Measured | undefined} peer @param {boolean} hasPeer @param {number} limit */
function compare(ours, peer, hasPeer, limit) {
  if (!hasPeer) {
    return ["not installed", "-"];
  }
  if (peer === undefined) {
    return [`> ${limit}`, `> ${(limit / ours.cpu).toFixed(1)}`];
  }
  return [peer.cpu.toFixed(3), (peer.cpu / ours.cpu).toFixed(1)];
}

function main() {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "10000,100000" },
      features: { type: "string", default: "2,20" },
      kinds: { type: "string", default: "integer,continuous" },
      criteria: { type: "string", default: "squared_error,absolute_error" },
      limit: { type: "string", default: "20" },
      "no-grid": { type: "boolean", default: false },
      "no-cold": { type: "boolean", default: false },
    },
  });
  const limit = Number(values.limit);
  const version = spawnSync(PYTHON, ["-c", "import sklearn; print(sklearn.__version__)"], {
    encoding: "utf8",
  });
  const hasPeer = version.status === 0;
  const folder = mkdtempSync(path.join(tmpdir(), "bench-trees-"));
  const file = path.join(folder, "data");
  const table = [
    ["rows", "features", "kind", "criterion", "nodes", "MB", "first s", "best s", "scikit-learn", "ratio"],
  ];
  let grid = "";
  try {
    if (!values["no-cold"]) {
      const cold = coldTable({
        child: import.meta.filename,
        peer: hasPeer ? [PYTHON, PEER] : undefined,
        env: ENVIRONMENT,
        write({ rows, kind }) {
          writeFileSync(file, makeData(rows, 2, kind));
          return file;
        },
      });
      printTable(cold);
      console.log("");
    }
    for (const rows of values.rows === "" ? [] : values.rows.split(",").map(Number)) {
      for (const features of values.features.split(",").map(Number)) {
        for (const kind of values.kinds.split(",")) {
          writeFileSync(file, makeData(rows, features, kind));
          for (const criterion of values.criteria.split(",")) {
            const ours = measureOurs(["--child-fit", file, String(rows), criterion]);
            const peer = hasPeer
              ? measureScikitLearn(["fit", file, String(rows), criterion], limit)
              : undefined;
            const figures = [
              String(ours.nodes),
              String(ours.megabytes),
              ours.first?.toFixed(3) ?? "",
              ours.cpu.toFixed(3),
            ];
            table.push([
              String(rows),
              String(features),
              kind,
              criterion,
              ...figures,
              ...compare(ours, peer, hasPeer, limit),
            ]);
            console.error(table.at(-1)?.join(" "));
          }
        }
      }
    }
    if (!values["no-grid"]) {
      writeFileSync(file, makeData(800, 2, "integer"));
      const ours = measureOurs(["--child-grid", file, "800"]);
      const peer = hasPeer ? measureScikitLearn(["grid", file, "800"], 600) : undefined;
      const [seconds = "", ratio = ""] = compare(ours, peer, hasPeer, 600);
      grid = `the whole grid, 1,620 points x 5 folds, 800 rows: ${ours.cpu.toFixed(3)} CPU s, start of the process included; `;
      grid += `scikit-learn's search alone ${seconds}; ratio ${ratio}\nbest here: ${ours.best}; there: ${peer?.best ?? "-"}`;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  printTable(table);
  console.log(grid);
}

const [mode, file = "", rows = "", criterion = ""] = process.argv.slice(2);
if (mode === "--child-fit") {
  fit(file, Number(rows), criterion);
} else if (mode === "--child-cold") {
  await runCold(criterion, readData(file, Number(rows)));
} else if (mode === "--child-grid") {
  await searchGrid(file, Number(rows));
} else {
  main();
}
