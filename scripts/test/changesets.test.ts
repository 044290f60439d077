import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { git } from "../release-tag.mjs";
import { runOutside } from "./support/run-outside.js";
import { workspaces } from "../workspaces.mjs";

interface Manifest {
  version: string;
  peerDependencies?: Record<string, string>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), "changesets-"));
const read: (json: string) => Manifest = JSON.parse;

function manifest(name: string): Manifest {
  return read(readFileSync(path.join(folder, "packages", name, "package.json"), "utf8"));
}

function commit(message: string): void {
  git(folder, ["add", "--all"]);
  git(folder, [
    "-c",
    "user.name=Ada",
    "-c",
    "user.email=ada@example.com",
    "commit",
    "--quiet",
    "-m",
    message,
  ]);
}

function writeChangeset(releases: string): void {
  writeFileSync(path.join(folder, ".changeset/ours.md"), `---\n${releases}\n---\n\nReads tea leaves.\n`);
  commit("Read tea leaves");
}

async function changeset(command: string): Promise<string> {
  const args = [path.join(root, "node_modules/@changesets/cli/bin.js"), command];
  // It prints colours where CI is set.
  return stripVTControlCharacters(await runOutside(process.execPath, args, folder));
}

/** The manifests and the changesets' configuration suffice to compute versions. */
beforeAll(() => {
  const examples = readdirSync(path.join(root, "examples")).map((name) => path.join("examples", name));
  const manifests = [...workspaces, ...examples].map((workspace) => path.join(workspace, "package.json"));
  for (const file of ["package.json", "pnpm-workspace.yaml", ".changeset", ...manifests]) {
    cpSync(path.join(root, file), path.join(folder, file), { recursive: true });
  }
  git(folder, ["init", "--quiet", "--initial-branch=main"]);
  commit("Start");
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("gives each package 0.1.0 at the first release, and keeps the peer range", async () => {
  expect(await changeset("status")).toMatch(/NO packages to be bumped at major$/m);
  await changeset("version");
  commit("Version packages");
  for (const name of ["pipeline-utils", "model-server"]) {
    expect(manifest(name).version).toBe("0.1.0");
  }
  expect(manifest("test-support").version).toBe("0.0.0");
  expect(manifest("model-server").peerDependencies).toEqual({
    "@ml-pipelines/pipeline-utils": ">=0.1.0 <1.0.0",
  });
});

test("releases no model-server when pipeline-utils stays within the peer range", async () => {
  writeChangeset('"@ml-pipelines/pipeline-utils": minor');
  await changeset("version");
  commit("Version packages");
  expect(manifest("pipeline-utils").version).toBe("0.2.0");
  expect(manifest("model-server")).toMatchObject({
    version: "0.1.0",
    peerDependencies: { "@ml-pipelines/pipeline-utils": ">=0.1.0 <1.0.0" },
  });
});

test("releases a major of model-server when pipeline-utils leaves the peer range", async () => {
  writeChangeset('"@ml-pipelines/pipeline-utils": major');
  await changeset("version");
  expect(manifest("pipeline-utils").version).toBe("1.0.0");
  expect(manifest("model-server").version).toBe("1.0.0");
});
