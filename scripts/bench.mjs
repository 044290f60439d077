#!/usr/bin/env node
// npm run bench -- NAME [ARGUMENTS]: runs the benchmark `bench/NAME.mjs` of whichever workspace has it.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { root, run } from "./run.mjs";
import { setup } from "./setup.mjs";
import { workspaces } from "./workspaces.mjs";

const benchmarks = new Map(
  workspaces
    .map((workspace) => path.join(workspace, "bench"))
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => path.join(folder, name)))
    .filter((file) => file.endsWith(".mjs"))
    .map((file) => [path.basename(file, ".mjs"), file]),
);

const [name = "", ...args] = process.argv.slice(2);
const file = benchmarks.get(name);
if (file === undefined) {
  console.error(
    `usage: npm run bench -- NAME [ARGUMENTS]\nbenchmarks: ${[...benchmarks.keys()].sort().join(", ")}`,
  );
  process.exitCode = 2;
} else {
  try {
    await setup();
    await run(process.execPath, ["--expose-gc", file, ...args]);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
