#!/usr/bin/env node
// Installs what is missing and builds what has changed. With Node and npm alone, this is all the set-up there is.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { root, run } from "./run.mjs";
import { workspaces } from "./workspaces.mjs";

/**
 * Whether node_modules holds what the lockfile asks for. pnpm writes its copy of the lockfile last, so an install that
 * was interrupted does not count.
 */
function isInstalled() {
  const installed = path.join(root, "node_modules/.pnpm/lock.yaml");
  return (
    existsSync(installed) &&
    readFileSync(installed, "utf8") === readFileSync(path.join(root, "pnpm-lock.yaml"), "utf8") &&
    workspaces.every((workspace) => existsSync(path.join(root, workspace, "node_modules")))
  );
}

/**
 * @param {{ signal?: AbortSignal }} [options]
 * @throws {Error} Node is too old, or a step failed.
 */
export async function setup({ signal } = {}) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node ${process.versions.node} is too old: 20.19 or later is needed`);
  }
  if (!isInstalled()) {
    console.log("Installing dependencies …");
    await run("npm", ["run", "--silent", "pnpm", "--", "install", "--frozen-lockfile"], { signal });
  }
  console.log("Building …");
  await build({ signal });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await setup();
  } catch (error) {
    console.error(`Set-up failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
