import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { git, remoteTags } from "../release-tag.mjs";
import { freePort } from "@ml-pipelines/test-support/free-port";
import { commandsOf, runCommands } from "./support/run-readme.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), "release-command-"));
const origin = path.join(folder, "origin.git");
const clone = path.join(folder, "clone");

const TAGS = ["local-s3-v0.1.0", "model-server-v0.1.0", "v0.1.0"];

/** The version of a package in the clone, committed as changesets' pull request would have it. */
function setVersion(name: string, version: string): void {
  const file = path.join(clone, "packages", name, "package.json");
  writeFileSync(file, readFileSync(file, "utf8").replace(/"version": "[^"]*"/, `"version": "${version}"`));
  git(clone, [
    "-c",
    "user.name=Ada",
    "-c",
    "user.email=ada@example.com",
    "commit",
    "--quiet",
    "--all",
    "-m",
    version,
  ]);
}

function release(...args: string[]) {
  return spawnSync("npm", ["run", "--silent", "release", "--", ...args], { cwd: clone, encoding: "utf8" });
}

beforeAll(() => {
  execFileSync("git", ["clone", "--quiet", "--bare", root, origin]);
  for (const tag of remoteTags(origin, ".")) {
    git(origin, ["tag", "--delete", tag]);
  }
  execFileSync("git", ["clone", "--quiet", origin, clone]);
  for (const name of ["local-s3", "model-server", "pipeline-utils"]) {
    setVersion(name, "0.1.0");
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("tags new versions from a clean clone, and does nothing the second time", () => {
  writeFileSync(path.join(clone, "README.md"), "changed");
  const dirty = release();
  expect(dirty.status).toBe(1);
  expect(dirty.stderr).toMatch(/changes that are not committed/);
  git(clone, ["checkout", "--quiet", "README.md"]);

  const first = release();
  expect({ status: first.status, stderr: first.stderr }).toMatchObject({ status: 0 });
  expect(first.stdout).toMatch(/^Pushed to origin: local-s3-v0\.1\.0 model-server-v0\.1\.0 v0\.1\.0$/m);
  expect(remoteTags(clone, "origin")).toEqual(new Set(TAGS));
  const files = git(origin, ["ls-tree", "-r", "--name-only", "v0.1.0"]).split("\n");
  expect(files).toEqual(
    expect.arrayContaining(["package.json", "dist/index.js", "dist/index.d.ts", "LICENSE"]),
  );
  expect(files.filter((file) => /^(src|test|bench)\/|tsbuildinfo$/.test(file))).toEqual([]);

  const second = release();
  expect(second.stdout).toMatch(/^Nothing to release: every version has its tag .*\n$/);

  setVersion("local-s3", "0.1.1");
  const dry = release("--dry-run");
  expect({ status: dry.status, stderr: dry.stderr }).toMatchObject({ status: 0 });
  expect(dry.stdout).toMatch(/^local-s3-v0\.1\.1 {2}would be tagged$/m);
  expect(dry.stdout).not.toMatch(/v0\.1\.0/);
  expect(remoteTags(clone, "origin")).toEqual(new Set(TAGS));
}, 600_000);

test("starts the example project by its README from these tags", async () => {
  const page = path.join(clone, "examples/linear-regression/README.md");
  const [s3Port, servicePort] = [await freePort(), await freePort()];
  const commands = commandsOf(page)
    .replaceAll("git+https://HOST/OWNER/REPOSITORY.git", `git+file://${origin}`)
    .replaceAll(/\b9000\b/g, String(s3Port))
    .replaceAll(/\b8000\b/g, String(servicePort));
  const printed = await runCommands(commands, clone);
  expect(printed).toMatch(/^(#|ℹ) fail 0$/m);
  expect(printed).toMatch(
    /Retrieved dataset from s3:\/\/my-bucket\/datasets\/hours_2026-11-20T20:00:00\.csv$/m,
  );
  expect(printed).toMatch(
    /\{"est_hours_to_dispatch":(?:21|20\.99)[\d.]*,"model_version":"name:hours\|model_type:Linear\|[^\n]*$/,
  );
}, 600_000);
