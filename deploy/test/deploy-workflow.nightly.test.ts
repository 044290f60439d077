import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { at, list, text } from "./support/kube-object.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { ObservedCluster } from "./support/observed-cluster.js";

const root = path.join(import.meta.dirname, "../..");
const workflow: unknown = parse(readFileSync(path.join(root, ".github/workflows/deploy.yml"), "utf8"));
const steps = list(at(workflow, "jobs", "deploy", "steps"));
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** The command of a step of the workflow. */
function commandsOf(name: string): string {
  return text(
    at(
      steps.find((step) => at(step, "name") === name),
      "run",
    ),
  );
}

describeWithKubectl("the steps of the workflow that deploys", () => {
  let observed: ObservedCluster;
  let folder: string;
  beforeEach(async () => {
    observed = await ObservedCluster.start();
    folder = await mkdtemp(path.join(os.tmpdir(), "workflow-"));
    await cp(path.join(root, "deploy"), path.join(folder, "deploy"), { recursive: true });
  });
  afterEach(async () => {
    await observed.cluster.stop();
    await rm(folder, { recursive: true });
  });

  /** As GitHub runs it, in a clone: `bash -e` with the step's variables. */
  async function run(name: string, variables: Record<string, string>) {
    const output = path.join(folder, "output");
    await writeFile(output, "");
    const env = {
      PATH: process.env.PATH,
      ENVIRONMENT: "production",
      GITHUB_OUTPUT: output,
      ...observed.cluster.env,
    };
    const script = path.join(folder, "step.sh");
    await writeFile(script, commandsOf(name));
    const child = spawn("bash", ["-e", script], {
      cwd: folder,
      env: { ...env, ...variables },
      stdio: "ignore",
    });
    await once(child, "exit");
    return { code: child.exitCode, output: await readFile(output, "utf8") };
  }

  test("releases the images of a commit, and finds that commit when none is named", async () => {
    const released = await run("Deploy", { COMMIT, OWNER: "Ada-Lovelace" });
    expect(released.code).toBe(0);
    const images = ["CronJob", "Deployment"].flatMap((kind) =>
      [...JSON.stringify(observed.cluster.store.list(kind)).matchAll(/"image":"([^"]*)"/g)].map(
        ([, image]) => image,
      ),
    );
    expect(images).toEqual(
      ["train", "train", "serve"].map((stage) => `ghcr.io/ada-lovelace/time-to-dispatch-${stage}:${COMMIT}`),
    );
    expect(observed.rollOuts).toHaveLength(1);
    expect(await run("Which commit", { ASKED: "" })).toEqual({ code: 0, output: `commit=${COMMIT}\n` });
  });

  test("changes the two images alone, whatever their names in the overlay", async () => {
    const overlay = path.join(folder, "deploy/overlays/production/kustomization.yaml");
    const kustomization = await readFile(overlay, "utf8");
    const proxy = "images:\n  - name: proxy\n    newName: registry.example.com/proxy\n    newTag: v2\n";
    const own = kustomization
      .replace("images:\n", proxy)
      .replace("registry.example.com/time-to-dispatch-train", "registry.example.com/team/training");
    await writeFile(overlay, own);
    await run("Deploy", { COMMIT, OWNER: "ada" });
    expect(at(parse(await readFile(overlay, "utf8")), "images")).toEqual([
      { name: "proxy", newName: "registry.example.com/proxy", newTag: "v2" },
      ...["time-to-dispatch-train", "time-to-dispatch-serve"].map((name) => ({
        name,
        newName: `ghcr.io/ada/${name}`,
        newTag: COMMIT,
      })),
    ]);
  });

  test.each(["main", "v1.2.3", "0123456", ""])("rejects %j as a commit", async (asked) => {
    expect(await run("Which commit", { ASKED: asked })).toEqual({ code: 1, output: "" });
  });

  test("ends with the exit code of deploy.sh", async () => {
    observed.cluster.behaviour.train = async () => ({ exitCode: 2, log: "" });
    expect((await run("Deploy", { COMMIT, OWNER: "ada" })).code).toBe(4);
  });
});
