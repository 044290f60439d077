import { describe, expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { parse } from "yaml";
import { checkWorkflow } from "./support/check-workflow.js";
import { at, isJsonObject, list, text } from "./support/kube-object.js";
import { shellCheck, testWithShellCheck } from "./support/shellcheck.js";

const folder = new URL("../../.github/workflows/", import.meta.url);
const files = readdirSync(folder);

/** The permissions to write, by job. Every other job may only read. */
const WRITES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "release.yml images": { contents: "read", packages: "write" },
  "release.yml versions": { contents: "write", "pull-requests": "write" },
};

describe.each(files)("the workflow %s", (file) => {
  const source = readFileSync(new URL(file, folder), "utf8");
  const workflow: unknown = parse(source, { uniqueKeys: true });
  const found = at(workflow, "jobs");
  const jobs = isJsonObject(found) ? Object.entries(found) : [];

  test("passes GitHub's own language service", async () => {
    expect(await checkWorkflow(source)).toEqual([]);
  });

  // GitHub runs them by `bash -e`, or with pipefail where a shell is named.
  testWithShellCheck("runs only commands that pass shellcheck", () => {
    for (const [name, job] of jobs) {
      for (const step of steps(job)) {
        const commands = at(step, "run");
        if (typeof commands === "string") {
          expect([name, shellCheck(["--shell=bash", "-"], commands)]).toEqual([name, ""]);
        }
      }
    }
  });

  test("pins each foreign action by its full commit, and states its version", () => {
    const uses = [...source.matchAll(/uses: (.*)/g)].map(([, action]) => action);
    expect(uses).not.toEqual([]);
    for (const action of uses) {
      expect(action).toMatch(
        /^(\.\/\.github\/workflows\/\w+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
      );
    }
  });

  test("has permission to read, and to write only where a job must", () => {
    expect(at(workflow, "permissions")).toEqual({ contents: "read" });
    for (const [name, job] of jobs) {
      expect(at(job, "permissions")).toEqual(WRITES[`${file} ${name}`]);
    }
  });

  test("keeps a token in a work tree only where it pushes", () => {
    for (const [name, job] of jobs) {
      for (const step of checkouts(job)) {
        expect([name, at(step, "with", "persist-credentials")]).toEqual([
          name,
          name === "versions" ? undefined : false,
        ]);
      }
    }
  });

  test("runs no text that others may have written", () => {
    expect(at(workflow, "on", "pull_request_target")).toBeUndefined();
    for (const [, job] of jobs) {
      for (const step of steps(job)) {
        expect(at(step, "run") ?? "").not.toContain("${{");
      }
    }
  });

  test("limits the time of each job", () => {
    for (const [, job] of jobs) {
      if (at(job, "uses") === undefined) {
        expect(at(job, "timeout-minutes")).toEqual(expect.any(Number));
      }
    }
  });
});

function steps(job: unknown): unknown[] {
  return list(at(job, "steps"));
}

function checkouts(job: unknown): unknown[] {
  return steps(job).filter((step) => text(at(step, "uses")).startsWith("actions/checkout@"));
}

test.each([
  ["release.yml", "needs: [staging, versions]", "needs: [staging, version]", "unknown job 'version'"],
  [
    "release.yml",
    "needs.versions.outputs.tags",
    "needs.versions.outputs.tag",
    "access might be invalid: tag",
  ],
  [
    "release.yml",
    "steps.changesets.outputs",
    "steps.changeset.outputs",
    "access might be invalid: changeset",
  ],
  ["release.yml", "packages: write", "package: write", "Unexpected value 'package'"],
  ["release.yml", "      commit: ${{ github.sha }}\n", "", "Input commit is required"],
  ["release.yml", "environment: staging", "environments: staging", "environments is not defined"],
  ["release.yml", "outputs.tags != ''", "outputs.tags != '", "Unexpected symbol"],
  ["release.yml", "workflows/ci.yml", "workflows/checks.yml", "Unable to find reusable workflow"],
  ["release.yml", "branches: [main]", "branch: [main]", "Unexpected value 'branch'"],
  ["release.yml", "id: release\n", "id: changesets\n", "may not be used more than once"],
  ["deploy.yml", "inputs.commit }}", "inputs.commits }}", "access might be invalid: commits"],
  ["deploy.yml", "secrets.KUBECONFIG", "secret.KUBECONFIG", "Unrecognized named-value: 'secret'"],
  ["ci.yml", "matrix.node }}", "matrix.nodes }}", "access might be invalid: nodes"],
  ["ci.yml", "timeout-minutes: 30", "timeout-minute: 30", "Unexpected value 'timeout-minute'"],
  ["ci.yml", "persist-credentials", "persist-credential", "Invalid action input 'persist-credential'"],
])("fails for a mistake in %s: %j as %j", async (file, right, wrong, message) => {
  const source = readFileSync(new URL(file, folder), "utf8");
  expect(source).toContain(right);
  expect((await checkWorkflow(source.replace(right, wrong))).join("\n")).toContain(message);
});

test("tests each supported line of Node", () => {
  const ci: unknown = parse(readFileSync(new URL("ci.yml", folder), "utf8"));
  expect(at(ci, "jobs", "test", "strategy", "matrix", "node")).toEqual(["20.19.0", "22", "24"]);
});
