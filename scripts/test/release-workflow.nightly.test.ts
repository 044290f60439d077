import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { git, releaseTag, remoteTags } from "../release-tag.mjs";
import { runOutside } from "./support/run-outside.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), "release-workflow-"));
const origin = path.join(folder, "origin.git");
const clone = path.join(folder, "clone");
const NAMES = ["decision-tree", "local-s3", "model-server", "pipeline-utils"];

interface Workflow {
  jobs: Record<string, { steps?: { name?: string; run?: string }[] }>;
}
const read: (yaml: string) => Workflow = parse;
const workflow = read(readFileSync(path.join(root, ".github/workflows/release.yml"), "utf8"));

/** Run a step of the job `versions` in the clone, as GitHub does. */
async function run(name: string): Promise<string> {
  const step = workflow.jobs.versions?.steps?.find((candidate) => candidate.name === name);
  const script = path.join(folder, "step.sh");
  const output = path.join(folder, "output");
  writeFileSync(script, step?.run ?? `echo "no step ${name}"; exit 1`);
  writeFileSync(output, "");
  const variables = [`GITHUB_OUTPUT=${output}`, `PATH=${folder}/bin:${process.env.PATH ?? ""}`];
  await runOutside("env", [...variables, "bash", "-e", script], clone);
  return readFileSync(output, "utf8");
}

beforeAll(() => {
  // A history of its own: in a shallow clone, as a CI may have made here, changesets look for the rest without end.
  execFileSync("git", ["clone", "--quiet", root, clone]);
  rmSync(path.join(clone, ".git"), { recursive: true });
  git(clone, ["init", "--quiet", "--initial-branch=main"]);
  git(clone, ["init", "--quiet", "--bare", origin]);
  git(clone, ["remote", "add", "origin", origin]);
  const packages = NAMES.map((name) => `"@ml-pipelines/${name}": minor\n`).join("");
  writeFileSync(path.join(clone, ".changeset/ours.md"), `---\n${packages}---\n\nReads tea leaves.\n`);
  git(clone, ["add", "--all"]);
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  git(clone, [...author, "commit", "--quiet", "--message", "Read tea leaves"]);
  git(clone, ["push", "--quiet", "origin", "main"]);
  execFileSync("npm", ["run", "--silent", "setup"], { cwd: clone });
  // GitHub's own program, which says that there is no pull request yet, and keeps what it is asked for.
  mkdirSync(path.join(folder, "bin"));
  const gh = `#!/bin/sh\necho "$@" >>${folder}/asked\n[ "$2" != view ]\n`;
  writeFileSync(path.join(folder, "bin/gh"), gh);
  chmodSync(path.join(folder, "bin/gh"), 0o755);
}, 300_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("proposes the next versions in a pull request, and tags them once when it is merged", async () => {
  expect(await run("Whether changesets are waiting")).toMatch(/^waiting=[1-9]\d*\n$/);
  await run("Propose the next versions");
  expect(readFileSync(path.join(folder, "asked"), "utf8")).toMatch(
    /^pr view next-versions [^]*\npr create --head next-versions /,
  );
  const proposed = (file: string) => git(origin, ["show", `next-versions:${file}`]);
  const version = (name: string) =>
    /"version": "(\d+\.\d+\.\d+)"/.exec(proposed(`packages/${name}/package.json`))?.[1] ?? "";
  for (const name of NAMES) {
    expect(git(origin, ["show", `main:packages/${name}/package.json`])).not.toContain(
      `"version": "${version(name)}"`,
    );
    const changelog = `# @ml-pipelines/${name}\n\n## ${version(name)}\n\n### Minor Changes\n`;
    expect(proposed(`packages/${name}/CHANGELOG.md`).startsWith(changelog)).toBe(true);
    expect(proposed(`packages/${name}/CHANGELOG.md`)).toContain("Reads tea leaves.");
  }

  expect(await run("Whether changesets are waiting")).toBe("waiting=0\n");
  const tags = NAMES.map((name) => releaseTag({ name: `@ml-pipelines/${name}`, version: version(name) }));
  expect(await run("Tag the versions that have no tag yet")).toBe(`tags=${tags.join(" ")}\n`);
  expect(remoteTags(clone, "origin")).toEqual(new Set(tags));
  expect(await run("Tag the versions that have no tag yet")).toBe("");
}, 600_000);
