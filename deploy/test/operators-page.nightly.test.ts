import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { appendFile, cp, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { KubeObject } from "./support/kube-object.js";
import { at } from "./support/kube-object.js";
import { parseManifests } from "./support/manifests/parse-manifests.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { NAMESPACE, ObservedCluster, until } from "./support/observed-cluster.js";
import { deploy } from "./support/run-deploy.js";

const root = path.join(import.meta.dirname, "../..");
const page = readFileSync(path.join(root, "deploy/README.md"), "utf8");

/** The commands of a section for kubectl, without those that do not end by themselves, and the variables they use. */
function commandsOf(section: string): string[] {
  const [, text = ""] = page.split(`\n## ${section}\n`);
  const blocks = (text.split("\n## ")[0] ?? "").matchAll(/^ *```\n(.*?)^ *```$/gms);
  return [...blocks]
    .flatMap(([, block = ""]) =>
      block
        .replaceAll(/\\\n */g, "")
        .replaceAll(/\|\n */g, "| ")
        .split("\n"),
    )
    .map((command) => command.replace(/ +# .*/, "").trim())
    .filter((command) => /^(kubectl|[A-Z]+=)/.test(command) && !/ -f$|port-forward/.test(command));
}

/** The fake cluster reads JSON alone, which kubectl sends of what it takes from a file; and it keeps no roles. */
function forFakeCluster(command: string): string {
  return command
    .replace(/ create (role|rolebinding) .*/, "$& --dry-run=client -o name")
    .replace(
      /^(kubectl .* create (?:job|secret) (?!.*--dry-run).*)$/,
      "$1 --dry-run=client -o json | kubectl create -f -",
    );
}

describeWithKubectl("the commands of the operators' page", () => {
  let observed: ObservedCluster;
  beforeEach(async () => {
    observed = await ObservedCluster.start();
  });
  afterEach(() => observed.cluster.stop());

  /** In one shell each, with the variables of the lines before. */
  function shell() {
    let variables = "";
    return async (command: string) => {
      if (/^[A-Z]+=/.test(command)) {
        variables += `${command}\n`;
      }
      const script = `set -euo pipefail\n${variables}${forFakeCluster(command)}`;
      const env = { PATH: process.env.PATH, ...observed.cluster.env };
      const { stdout } = await promisify(execFile)("bash", ["-c", script], { env, cwd: root });
      return stdout;
    };
  }

  async function makeReady(): Promise<void> {
    const run = shell();
    for (const command of commandsOf("The first deployment")) {
      await run(command);
    }
  }

  test("creates what the first deployment needs", async () => {
    await makeReady();
    for (const stage of ["train", "serve"]) {
      const secret = observed.cluster.store.get("Secret", NAMESPACE, `${stage}-credentials`);
      for (const key of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"]) {
        expect(at(secret, "data", key)).toEqual(expect.any(String));
      }
    }
    expect(await deploy(observed.cluster, ["production"])).toMatchObject({ code: 0 });
  });

  test("gives the pods a secret to pull their images with by the page's patch", async () => {
    const [patch = ""] = /^ *- target: .*\n *patch: .*\n/m.exec(page) ?? [];
    const copy = await mkdtemp(path.join(os.tmpdir(), "deploy-"));
    await cp(path.join(root, "deploy"), copy, { recursive: true });
    await appendFile(
      path.join(copy, "overlays/staging/kustomization.yaml"),
      patch.replaceAll(/^ {3}/gm, "  "),
    );
    const { stdout } = await promisify(execFile)("kubectl", [
      "kustomize",
      path.join(copy, "overlays/staging"),
    ]);
    await rm(copy, { recursive: true });
    const accounts = parseManifests(stdout).filter(({ kind }) => kind === "ServiceAccount");
    const imagePullSecrets = [{ name: "registry" }];
    expect(accounts).toMatchObject([{ imagePullSecrets }, { imagePullSecrets }]);
  });

  test("does by each command what the page says", async () => {
    await makeReady();
    await deploy(observed.cluster, ["production"]);
    const run = shell();
    const printed = new Map<string, string>();
    const isOver = (job: KubeObject): boolean => at(job, "status", "conditions") !== undefined;
    for (const command of commandsOf("By hand")) {
      if (command.includes("logs job")) {
        await until(() => observed.jobs.every(isOver));
      }
      printed.set(command.split(" ").slice(3, 5).join(" "), await run(command));
    }
    expect(printed.get("get jobs;")).toMatch(/^train-now [^]*Promoted: production names s3:\/\//m);
    expect(printed.get("rollout history")).toMatch(/^REVISION[^]*^1 /m);
    expect(printed.get("create secret")).toBe("secret/serve-credentials replaced\n");
    expect(printed.get("rollout status")).toMatch(/successfully rolled out\n$/);
    expect(printed.get("get job")).toMatch(/^roll-back /m);
    expect(observed.moves).toEqual([0, 1, 0].map((training) => observed.trainings[training]?.key));
    const cronJob = observed.cluster.store.get("CronJob", NAMESPACE, "train-model");
    expect(at(cronJob, "spec", "suspend")).toBe(true);
    const template = at(observed.deployment, "spec", "template", "metadata", "annotations");
    expect(template).toHaveProperty(["kubectl.kubernetes.io/restartedAt"]);
  });
});
