// Cold code: small searches and first fits, each in a fresh process, scikit-learn's beside it by turns.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { DecisionTreeRegressor, GridSearchCV } from "../../dist/index.js";

const ROUNDS = 5;

/** @typedef {{ cpu: number, wall: number, total: number }} Cold CPU and wall seconds of the work, and CPU of the process. */

/** @typedef {{ rows: number, kind: string, grid?: import("../../dist/index.js").ParamGrid<import("../../dist/index.js").TreeParams> }} Task */

/** Trees of one fit have a leaf size of 5. @type {Record<string, Task>} */
export const TASKS = {
  "18 points, 800 rows": {
    rows: 800,
    kind: "integer",
    grid: { maxDepth: [2, 4, 6, 8, 10, null], minSamplesLeaf: [1, 5, 10] },
  },
  "9 leaf sizes, 800 rows": {
    rows: 800,
    kind: "integer",
    grid: { minSamplesLeaf: [2, 3, 4, 5, 6, 7, 8, 9, 10] },
  },
  "first fit, 10,000 x 2 integer": { rows: 10_000, kind: "integer" },
  "first fit, 10,000 x 2 continuous": { rows: 10_000, kind: "continuous" },
};

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * In a child process: do a task once, and print its seconds.
 *
 * @param {string} name
 * @param {{ columns: Float64Array[], y: Float64Array }} data
 */
export async function runCold(name, { columns, y }) {
  const grid = TASKS[name]?.grid;
  const [cpu, wall] = [cpuSeconds(), performance.now()];
  if (grid === undefined) {
    new DecisionTreeRegressor({ minSamplesLeaf: 5 }).fit(columns, y);
  } else {
    await new GridSearchCV(new DecisionTreeRegressor(), grid).fit(columns, y);
  }
  const seconds = { cpu: cpuSeconds() - cpu, wall: (performance.now() - wall) / 1_000, total: cpuSeconds() };
  console.log(JSON.stringify(seconds));
}

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} env @returns {Cold} */
const measure = (command, args, env) => JSON.parse(execFileSync(command, args, { encoding: "utf8", env }));

/** @param {readonly Cold[]} runs @param {keyof Cold} key */
const median = (runs, key) => runs.map((run) => run[key]).sort((a, b) => a - b)[ROUNDS >> 1] ?? NaN;

/**
 * Medians of five rounds by turns, one line for each task.
 *
 * @param {{ child: string, peer: string[] | undefined, env: NodeJS.ProcessEnv, write: (task: Task) => string }} options
 *   `child`: the program that calls `runCold`; `peer`: scikit-learn's program; `write`: makes the data of a task, and
 *   gives their file.
 * @returns {string[][]}
 */
export function coldTable({ child, peer, env, write }) {
  const head = ["cold, CPU s", "here", "scikit-learn", "ratio", "process", "its process", "ratio"];
  const table = [[...head, "wall s", "its wall, n_jobs=-1"]];
  for (const [name, task] of Object.entries(TASKS)) {
    const file = write(task);
    const grid = JSON.stringify(snakeCased(task.grid ?? null));
    /** @type {{ ours: Cold[], theirs: Cold[], parallel: Cold[] }} */
    const runs = { ours: [], theirs: [], parallel: [] };
    for (let round = 0; round < ROUNDS; round++) {
      runs.ours.push(measure(process.execPath, [child, "--child-cold", file, String(task.rows), name], env));
      const [python, ...script] = peer ?? [];
      if (python !== undefined) {
        const args = (/** @type {string} */ jobs) => [
          ...script,
          "600",
          "cold",
          file,
          String(task.rows),
          grid,
          jobs,
        ];
        runs.theirs.push(measure(python, args("1"), env));
        runs.parallel.push(measure(python, args("-1"), env));
      }
    }
    const cells = (/** @type {keyof Cold} */ key) => {
      const [ours, theirs] = [median(runs.ours, key), median(runs.theirs, key)];
      return [ours.toFixed(3), theirs.toFixed(3), (theirs / ours).toFixed(2)];
    };
    const walls = [median(runs.ours, "wall").toFixed(3), median(runs.parallel, "wall").toFixed(3)];
    table.push([name, ...cells("cpu"), ...cells("total"), ...walls]);
    console.error(path.basename(file), table.at(-1)?.join(" "));
  }
  return table;
}

/** scikit-learn's names of parameters. @param {object | null} grid */
function snakeCased(grid) {
  const entries = Object.entries(grid ?? {}).map(([name, values]) => {
    return [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), values];
  });
  return grid === null ? null : Object.fromEntries(entries);
}
