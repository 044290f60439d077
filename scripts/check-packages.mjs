#!/usr/bin/env node
// Checks each package as its users would get it: what is packed, what its exports resolve to, whether its types do.
import { publishedPackages } from "./workspaces.mjs";
import { run } from "./run.mjs";

try {
  for (const workspace of publishedPackages) {
    console.log(`\n${workspace}`);
    await run("npx", ["--no-install", "publint", workspace, "--strict", "--pack", "npm"]);
    await run("npx", ["--no-install", "attw", "--pack", workspace, "--profile", "esm-only"]);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
