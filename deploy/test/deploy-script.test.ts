import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFileSync, spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import path from "node:path";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { startFakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { RESOURCE_TYPES } from "./support/fake-cluster/resource-types.js";
import type { PodCommand } from "./support/fake-cluster/pod-command.js";
import { at } from "./support/kube-object.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { deploy, startDeploy } from "./support/run-deploy.js";

const NAMESPACE = "time-to-dispatch-production";
const never = () => new Promise<never>(() => undefined);

let cluster: FakeCluster;
/** Each training so far: its arguments, and where it said it put its model. */
let trainings: { command: PodCommand; key: string }[] = [];

function trained(command: PodCommand): { exitCode: number; log: string } {
  const key = `models/time-to-dispatch_2026-11-20T22:00:0${trainings.length + 1}.558Z.json`;
  trainings.push({ command, key });
  const message = `Model serialised and persisted to s3://${command.args[0] ?? ""}/${key}`;
  return { exitCode: 0, log: `{"level":"INFO","message":"${message}"}\n{"level":"INFO","message":"Done"}\n` };
}

beforeEach(async () => {
  trainings = [];
  cluster = await startFakeCluster({ train: async (command) => trained(command), serve: async () => true });
});
afterEach(() => cluster.stop());

/** What the pods of the service are told to do, by the Deployment as it is now. */
function servingArgs(): unknown {
  const deployment = cluster.store.get("Deployment", NAMESPACE, "serve-model");
  return at(deployment, "spec", "template", "spec", "containers", 0, "args");
}

function changes(): string[] {
  return cluster.requests.filter((request) => !request.startsWith("GET ") && !request.includes("dryRun"));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

/** The version of each object but those that a new model changes. */
function versions(): Record<string, string | undefined> {
  return Object.fromEntries(
    RESOURCE_TYPES.filter(({ kind }) => !["Job", "Pod", "Deployment", "ReplicaSet"].includes(kind))
      .flatMap(({ kind }) => cluster.store.list(kind))
      .map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
  );
}

const deployed = () => servingArgs() !== undefined;
const jobs = () => cluster.store.list("Job");

describeWithKubectl("deploy.sh", () => {
  test("trains with the environment's settings, then serves that model", async () => {
    const { code, stdout, stderr } = await deploy(cluster, ["production"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(trainings[0]?.command.args).toEqual(["bodywork-time-to-dispatch", "0.8", "0.9"]);
    expect(servingArgs()).toEqual(["$(S3_BUCKET)", `--model-key=${trainings[0]?.key ?? ""}`]);
    expect(stdout).toMatch(/Released: models\/time-to-dispatch_2026-11-20T22:00:01\.558Z\.json\n$/);
    expect(cluster.store.list("CronJob")).toHaveLength(1);
  });

  test("run again, changes nothing but the model", async () => {
    await deploy(cluster, ["production"]);
    const before = versions();
    const { code } = await deploy(cluster, ["production"]);
    expect(code).toBe(0);
    expect(servingArgs()).toContain(`--model-key=${trainings[1]?.key ?? ""}`);
    expect(versions()).toEqual(before);
  });

  test("leaves the service alone when training fails, and says why (4)", async () => {
    await deploy(cluster, ["production"]);
    const before = servingArgs();
    let attempts = 0;
    cluster.behaviour.train = async () => {
      attempts++;
      return { exitCode: 2, log: "r-squared metric (0.512) is below deployment threshold 0.8\n" };
    };
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /is below deployment threshold 0\.8\ndeploy\.sh: training failed: Failed=PodFailurePolicy/,
    );
    expect(attempts).toBe(1);
    expect(servingArgs()).toEqual(before);
  });

  test("serves the model of the attempt that succeeded", async () => {
    let attempts = 0;
    cluster.behaviour.train = async (command) =>
      ++attempts < 3 ? { exitCode: 1, log: "storage is down\n" } : trained(command);
    const { code } = await deploy(cluster, ["production"]);
    expect(code).toBe(0);
    expect(attempts).toBe(3);
    expect(servingArgs()).toContain(`--model-key=${trainings[0]?.key ?? ""}`);
  });

  test("goes back to the model before when the new one does not become ready (6), as often as it is run", async () => {
    await deploy(cluster, ["production"]);
    const before = servingArgs();
    cluster.behaviour.serve = async ({ args }) => args.includes(`--model-key=${trainings[0]?.key ?? ""}`);
    for (const attempt of [2, 3]) {
      const { code, stderr } = await deploy(cluster, ["production"]);
      expect(code).toBe(6);
      expect(stderr).toMatch(
        `the model models/time-to-dispatch_2026-11-20T22:00:0${attempt}.558Z.json is not served\n`,
      );
      expect(servingArgs()).toEqual(before);
    }
    cluster.behaviour.serve = async () => true;
    expect((await deploy(cluster, ["production"])).code).toBe(0);
    expect(servingArgs()).toContain(`--model-key=${trainings[3]?.key ?? ""}`);
  });

  test("says so when there is nothing to go back to (7)", async () => {
    cluster.behaviour.serve = async () => false;
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(7);
    expect(stderr).toMatch(/no release to go back to/);
  });

  test("ends a training that takes too long (5)", async () => {
    cluster.behaviour.train = never;
    const { code, stderr } = await deploy(cluster, ["production"], { TRAIN_TIMEOUT: "1" });
    expect(code).toBe(5);
    expect(stderr).toMatch(/training did not end within 1 s; job\/train-model-\S+ was deleted/);
    expect(jobs()).toEqual([]);
    expect(deployed()).toBe(false);
  });

  test("goes back when the pods take too long (6)", async () => {
    await deploy(cluster, ["production"]);
    const before = servingArgs();
    cluster.behaviour.serve = ({ args }) =>
      args.includes(`--model-key=${trainings[0]?.key ?? ""}`) ? Promise.resolve(true) : never();
    const { code, stderr } = await deploy(cluster, ["production"], { ROLLOUT_TIMEOUT: "1" });
    expect(stderr).toMatch(/timed out waiting for the condition/);
    expect(code).toBe(6);
    expect(servingArgs()).toEqual(before);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("interrupted by %s while it trains, ends the training (%i)", async (signal, expected) => {
    cluster.behaviour.train = never;
    const run = startDeploy(cluster, ["production"]);
    await until(() => cluster.requests.some((request) => /^GET .*\/jobs\/train-model-/.test(request)));
    run.interrupt(signal);
    const { code, stderr } = await run.result;
    expect(code).toBe(expected);
    expect(stderr).toMatch(/interrupted; the release before serves\n$/);
    expect(jobs()).toEqual([]);
    expect(deployed()).toBe(false);
  });

  test("interrupted in a roll-out, takes it back", async () => {
    await deploy(cluster, ["production"]);
    const before = servingArgs();
    cluster.behaviour.serve = never;
    const run = startDeploy(cluster, ["production"]);
    await until(() => servingArgs() !== before && at(servingArgs(), 1) !== at(before, 1));
    run.interrupt("SIGINT");
    expect((await run.result).code).toBe(130);
    expect(servingArgs()).toEqual(before);
  });

  test("killed in a bad roll-out and run again, still knows the release before", async () => {
    await deploy(cluster, ["production"]);
    const before = servingArgs();
    cluster.behaviour.serve = ({ args }) =>
      args.includes(`--model-key=${trainings[0]?.key ?? ""}`) ? Promise.resolve(true) : never();
    const run = startDeploy(cluster, ["production"]);
    await until(() => at(servingArgs(), 1) !== at(before, 1));
    run.kill();
    await run.result;
    expect(servingArgs()).not.toEqual(before);
    const { code } = await deploy(cluster, ["production"], { ROLLOUT_TIMEOUT: "1" });
    expect(code).toBe(6);
    expect(servingArgs()).toEqual(before);
  });

  test("takes a training that did not say where its model is for a failure (1)", async () => {
    cluster.behaviour.train = async () => ({ exitCode: 0, log: "Done\n" });
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/did not log where it put its model/);
    expect(deployed()).toBe(false);
  });

  test("--dry-run changes nothing, and says what it would do", async () => {
    const { code, stdout } = await deploy(cluster, ["production", "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/deployment\.apps\/serve-model created \(dry run\)/);
    expect(stdout).toMatch(/Would run cronjob\/train-model now/);
    expect(changes()).toEqual([]);
  });

  test("reports manifests that the cluster does not accept (3)", async () => {
    cluster.accepts = ({ kind }) => kind !== "NetworkPolicy";
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/NetworkPolicy "\S+" is forbidden\n[^]*the manifests were not accepted/);
    expect(trainings).toEqual([]);
  });

  test("reports a cluster that does not answer (1)", async () => {
    await cluster.stop();
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot read deployment\/serve-model/);
  });

  test.each([
    [[], {}, /ENVIRONMENT is missing: one of production staging/],
    [["nowhere"], {}, /no environment "nowhere": expected one of production staging/],
    [["../overlays/staging"], {}, /no environment "\.\.\/overlays\/staging"/],
    [["staging", "production"], {}, /one ENVIRONMENT expected, got staging and production/],
    [["staging", "--force"], {}, /unknown option --force/],
    [["staging"], { TRAIN_TIMEOUT: "soon" }, /TRAIN_TIMEOUT is "soon": expected seconds, at least 1/],
    [["staging"], { PATH: "/nowhere" }, /kubectl is not installed|No such file/],
  ])("refuses %j (2)", async (args, env, message) => {
    const { code, stderr } = await deploy(cluster, args, env);
    expect(stderr).toMatch(message);
    expect([2, 127]).toContain(code);
    expect(cluster.requests).toEqual([]);
  });
});

const script = path.join(import.meta.dirname, "../deploy.sh");
const hasShellCheck = spawnSync("shellcheck", ["--version"]).status === 0;

(hasShellCheck ? test : test.skip)("deploy.sh has nothing that shellcheck objects to", () => {
  expect(execFileSync("shellcheck", [script], { encoding: "utf8" })).toBe("");
});
