#!/usr/bin/env node
// npm run build: compiles all packages, and bundles what is loaded as few files.
import { pathToFileURL } from "node:url";
import { run } from "./run.mjs";

const STEPS = [
  ["node_modules/typescript/bin/tsc", "-b", "tsconfig.build.json"],
  ["packages/pipeline-utils/build/bundle.mjs"],
  ["packages/decision-tree/build/bundle.mjs"],
  ["packages/model-server/build/copy-swagger-ui.mjs"],
  ["apps/time-to-dispatch-train/build/bundle.mjs"],
  ["apps/time-to-dispatch-serve/build/bundle.mjs"],
];

/**
 * @param {{ signal?: AbortSignal | undefined }} [options]
 * @throws {Error} A step failed.
 */
export async function build({ signal } = {}) {
  for (const step of STEPS) {
    await run(process.execPath, step, { signal });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await build();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
