import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { startFakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { RESOURCE_TYPES } from "./support/fake-cluster/resource-types.js";
import { StatusError } from "./support/fake-cluster/status-error.js";
import type { PodCommand } from "./support/fake-cluster/pod-command.js";
import { at } from "./support/kube-object.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { deploy, startDeploy } from "./support/run-deploy.js";

const NAMESPACE = "time-to-dispatch-production";
const never = () => new Promise<never>(() => undefined);

let cluster: FakeCluster;
/** Each training so far: its arguments, and where it said it put its model. */
let trainings: { command: PodCommand; key: string }[] = [];
/** What the pods of each roll-out so far were told to do. */
let rollOuts: string[][] = [];

function trained(command: PodCommand): { exitCode: number; log: string } {
  const key = `models/time-to-dispatch_2026-11-20T22:00:0${trainings.length + 1}.558Z.json`;
  trainings.push({ command, key });
  const message = `Model serialised and persisted to s3://${command.args[0] ?? ""}/${key}`;
  return { exitCode: 0, log: `{"level":"INFO","message":"${message}"}\n{"level":"INFO","message":"Done"}\n` };
}

beforeEach(async () => {
  trainings = [];
  rollOuts = [];
  cluster = await startFakeCluster({
    train: async (command) => trained(command),
    serve: async ({ args }) => rollOuts.push(args) > 0,
  });
});
afterEach(() => cluster.stop());

/** What the pods of the service are told to do, by the Deployment as it is now. */
function servingArgs(): unknown {
  const deployment = cluster.store.get("Deployment", NAMESPACE, "serve-model");
  return at(deployment, "spec", "template", "spec", "containers", 0, "args");
}

/** What kubectl compares with when it applies the next one: the fields that were given to it. */
function lastApplied(): unknown {
  const { metadata } = cluster.store.get("Deployment", NAMESPACE, "serve-model") ?? {};
  return JSON.parse(metadata?.annotations?.["kubectl.kubernetes.io/last-applied-configuration"] ?? "null");
}

function changes(): string[] {
  return cluster.requests.filter((request) => !request.startsWith("GET ") && !request.includes("dryRun"));
}

/** What an operator does at night. */
async function undo(): Promise<void> {
  const args = [`--namespace=${NAMESPACE}`, "rollout", "undo", "deployment/serve-model"];
  await promisify(execFile)("kubectl", args, { env: { PATH: process.env.PATH, ...cluster.env } });
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

const following = ["$(S3_BUCKET)"];
const pinned = (training: number) => ["$(S3_BUCKET)", pin(training)];
const pin = (training: number) => `--model-key=${trainings[training]?.key ?? ""}`;
const isPin = (args: string[]) => args.some((argument) => argument.startsWith("--model-key="));
const deployed = () => servingArgs() !== undefined;
const jobs = () => cluster.store.list("Job");

/** A path with what the script needs before it looks for kubectl. */
const withoutKubectl = mkdtempSync(path.join(os.tmpdir(), "path-"));
for (const command of ["bash", "env", "dirname", "tr", "sed"])
  symlinkSync(
    execFileSync("which", [command], { encoding: "utf8" }).trim(),
    path.join(withoutKubectl, command),
  );
afterAll(() => {
  rmSync(withoutKubectl, { recursive: true });
});

describeWithKubectl("deploy.sh", () => {
  test("trains with the environment's settings, serves that model, then follows", async () => {
    const { code, stdout, stderr } = await deploy(cluster, ["production"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(trainings[0]?.command.args).toEqual(["bodywork-time-to-dispatch", "0.8", "0.9"]);
    expect(rollOuts).toEqual([["bodywork-time-to-dispatch", pin(0)], ["bodywork-time-to-dispatch"]]);
    expect(servingArgs()).toEqual(following);
    expect(stdout).toMatch(/Released: models\/time-to-dispatch_2026-11-20T22:00:01\.558Z\.json\n$/);
    expect(cluster.store.list("CronJob")).toHaveLength(1);
  });

  test("--pin keeps the service at that model", async () => {
    const { code } = await deploy(cluster, ["production", "--pin"]);
    expect(code).toBe(0);
    expect(servingArgs()).toEqual(pinned(0));
    expect(rollOuts).toHaveLength(1);
  });

  test("is gone back from by one command, to the release as it was proved, and returned to by the same", async () => {
    await deploy(cluster, ["production"]);
    await undo();
    expect(servingArgs()).toEqual(pinned(0));
    await until(() => rollOuts.length === 3);
    await undo();
    expect(servingArgs()).toEqual(following);
  });

  test("run again, changes nothing but the model", async () => {
    await deploy(cluster, ["production"]);
    const before = versions();
    const { code } = await deploy(cluster, ["production", "--pin"]);
    expect(code).toBe(0);
    expect(servingArgs()).toEqual(pinned(1));
    expect(versions()).toEqual(before);
  });

  test("stays at the proved model when the pods that should follow do not become ready (10)", async () => {
    cluster.behaviour.serve = async ({ args }) => isPin(args);
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(10);
    expect(stderr).toMatch(
      /01\.558Z\.json is released, but the pods that should follow the newest model did not/,
    );
    expect(servingArgs()).toEqual(pinned(0));
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
    expect(rollOuts[0]).toContain(pin(0));
  });

  test.each([
    ["pinned", ["--pin"]],
    ["following", []],
  ])(
    "goes back to the %s release before when a model does not become ready (6), however often",
    async (_, how) => {
      await deploy(cluster, ["production", ...how]);
      const before = servingArgs();
      cluster.behaviour.serve = async ({ args }) => !isPin(args) || args.includes(pin(0));
      for (const attempt of [2, 3]) {
        const { code, stderr } = await deploy(cluster, ["production", ...how]);
        expect(code).toBe(6);
        expect(stderr).toMatch(
          `deploy.sh: models/time-to-dispatch_2026-11-20T22:00:0${attempt}.558Z.json was not released; rolled back to`,
        );
        expect(servingArgs()).toEqual(before);
      }
      cluster.behaviour.serve = async () => true;
      expect((await deploy(cluster, ["production", "--pin"])).code).toBe(0);
      expect(servingArgs()).toEqual(pinned(3));
    },
  );

  test("leaves nothing of a failed release that one would go back to", async () => {
    await deploy(cluster, ["production"]);
    cluster.behaviour.serve = async ({ args }) => !isPin(args) || args.includes(pin(0));
    expect((await deploy(cluster, ["production"])).code).toBe(6);
    await undo();
    expect(servingArgs()).toEqual(pinned(0));
  });

  test("goes back to what is still known as applied, so that a later release can remove it", async () => {
    await deploy(cluster, ["production"]);
    const applied = lastApplied();
    cluster.behaviour.serve = async ({ args }) => !isPin(args);
    expect((await deploy(cluster, ["production"])).code).toBe(6);
    expect(lastApplied()).toEqual(applied);
  });

  test("goes back, and keeps the release before, when the controller is behind (6)", async () => {
    await deploy(cluster, ["production"]);
    cluster.behaviour.train = async (command) => {
      cluster.controls = false;
      return trained(command);
    };
    let rollOutsAsked = 0;
    cluster.refuses = (request) => {
      if (/^PATCH .*deployments/.test(request)) cluster.controls = ++rollOutsAsked > 1;
      return undefined;
    };
    const { code } = await deploy(cluster, ["production"], { ROLLOUT_TIMEOUT: "1" });
    expect(code).toBe(6);
    expect(servingArgs()).toEqual(following);
    expect(changes().filter((request) => request.startsWith("DELETE "))).toEqual([]);
  });

  test("takes back a roll-out that was accepted without an answer (3)", async () => {
    await deploy(cluster, ["production"]);
    let lost = 0;
    cluster.loses = (request) => /^PATCH .*deployments/.test(request) && lost++ === 0;
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(lost).toBeGreaterThan(1);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/was not accepted\n$/) });
    expect(servingArgs()).toEqual(following);
  });

  test("wakes a service that sleeps, so that the model is tried", async () => {
    await deploy(cluster, ["production"]);
    const sleeping = cluster.store.get("Deployment", NAMESPACE, "serve-model");
    if (sleeping === undefined) throw new Error("not deployed");
    cluster.store.put({ ...sleeping, spec: { ...(sleeping.spec as object), replicas: 0 } });
    cluster.behaviour.serve = async ({ args }) => !isPin(args);
    expect((await deploy(cluster, ["production"])).code).toBe(6);
    expect(servingArgs()).toEqual(following);
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
      isPin(args) && !args.includes(pin(0)) ? never() : Promise.resolve(true);
    const { code, stderr } = await deploy(cluster, ["production"], { ROLLOUT_TIMEOUT: "1" });
    expect(stderr).toMatch(/timed out waiting for the condition/);
    expect(code).toBe(6);
    expect(servingArgs()).toEqual(before);
  });

  test.each([
    ["SIGHUP", 129],
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
    await until(() => at(servingArgs(), 1) === pin(1));
    run.interrupt("SIGINT");
    expect((await run.result).code).toBe(130);
    expect(servingArgs()).toEqual(before);
  });

  test("interrupted while it says why the pods are not ready, takes the roll-out back all the same", async () => {
    await deploy(cluster, ["production"]);
    cluster.behaviour.serve = async ({ args }) => !isPin(args);
    const run = startDeploy(cluster, ["production"]);
    cluster.refuses = (request) => {
      if (/^GET .*\/pods\?labelSelector=app.kubernetes.io%2Fname%3Dserve-model/.test(request))
        run.interrupt("SIGINT");
      return undefined;
    };
    expect((await run.result).code).toBe(130);
    expect(servingArgs()).toEqual(following);
  });

  test("interrupted when the model is proved, lets the service follow", async () => {
    let follows = false;
    cluster.behaviour.serve = async ({ args }) => {
      follows = !isPin(args);
      return follows ? never() : true;
    };
    const run = startDeploy(cluster, ["production"]);
    await until(() => follows);
    run.interrupt("SIGINT");
    const { code, stderr } = await run.result;
    expect(code).toBe(130);
    expect(stderr).toMatch(/json is released; whether the service follows yet: kubectl rollout history\n$/);
    expect(servingArgs()).toEqual(following);
  });

  test("killed in a bad roll-out and run again, still knows the release before", async () => {
    await deploy(cluster, ["production"]);
    const before = servingArgs();
    cluster.behaviour.serve = ({ args }) =>
      isPin(args) && !args.includes(pin(0)) ? never() : Promise.resolve(true);
    const run = startDeploy(cluster, ["production"]);
    await until(() => at(servingArgs(), 1) === pin(1));
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
    expect(stdout).toMatch(/Would run cronjob\/train-model now[^]*let deployment\/serve-model follow/);
    expect(changes()).toEqual([]);
  });

  test("reports manifests that the cluster does not accept (3)", async () => {
    cluster.accepts = ({ kind }) => kind !== "NetworkPolicy";
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/NetworkPolicy "\S+" is forbidden\n[^]*the manifests were not accepted/);
    expect(trainings).toEqual([]);
  });

  const noCluster = /no cluster: cannot read deployment\/serve-model in time-to-dispatch-production\n$/;
  test.each([[[]], [["--dry-run"]]])("reports a cluster that is not there (8): %j", async (how) => {
    await cluster.stop();
    const { code, stderr } = await deploy(cluster, ["production", ...how]);
    expect({ code, stderr }).toEqual({ code: 8, stderr: expect.stringMatching(noCluster) });
    expect(stderr).not.toMatch(/memcache/);
  });

  test("says so when a training that takes too long cannot be ended either (5)", async () => {
    cluster.behaviour.train = async (command) => {
      cluster.refuses = () => new StatusError(500, "InternalError", "dial tcp 10.0.0.1:2379: i/o timeout");
      return trained(command);
    };
    const { code, stderr } = await deploy(cluster, ["production"], { TRAIN_TIMEOUT: "2" });
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /did not end within 2 s, and job\/train-model-\S+ could not be deleted: delete it\n$/,
    );
  });

  test.each([
    ["reads nothing", /^GET /, 0],
    ["may not apply", /^(POST|PATCH) .*ingresses/, 0],
    ["may not train", /^POST .*jobs/, 0],
    ["may not read logs", /^GET .*\/log/, 1],
    ["may not release", /^(POST|PATCH) .*deployments/, 1],
  ])("reports a user who %s (9)", async (_, request, expectedTrainings) => {
    cluster.refuses = (asked) =>
      request.test(asked)
        ? new StatusError(
            403,
            "Forbidden",
            'x is forbidden: User "ada" cannot get resource "x" in API group ""',
          )
        : undefined;
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(9);
    expect(stderr).toMatch(/User "ada" cannot get resource[^]*deploy\.sh: no permission: /);
    expect(trainings).toHaveLength(expectedTrainings);
    expect(deployed()).toBe(false);
  });

  test.each([[[]], [["--dry-run"]]])("reports a user whom the cluster does not know (9): %j", async (how) => {
    cluster.refuses = () => new StatusError(401, "Unauthorized", "Unauthorized");
    const { code, stderr } = await deploy(cluster, ["production", ...how]);
    expect(code).toBe(9);
    expect(stderr).toMatch(/Unauthorized\)\ndeploy\.sh: no permission: cannot read deployment\/serve-model/);
  });

  test.each([
    [[], {}, /ENVIRONMENT is missing: one of production staging/],
    [["nowhere"], {}, /no environment "nowhere": expected one of production staging/],
    [["../overlays/staging"], {}, /no environment "\.\.\/overlays\/staging"/],
    [["staging", "production"], {}, /one ENVIRONMENT expected, got staging and production/],
    [["staging", "--force"], {}, /unknown option --force/],
    [["staging"], { TRAIN_TIMEOUT: "soon" }, /TRAIN_TIMEOUT is "soon": expected seconds, 1 to 999999/],
    [
      ["staging"],
      { ROLLOUT_TIMEOUT: "1000000" },
      /ROLLOUT_TIMEOUT is "1000000": expected seconds, 1 to 999999/,
    ],
    [["staging"], { PATH: withoutKubectl }, /kubectl is not installed/],
  ])("refuses %j (2)", async (args, env, message) => {
    const { code, stderr } = await deploy(cluster, args, env);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(cluster.requests).toEqual([]);
  });
});

const script = path.join(import.meta.dirname, "../deploy.sh");
const hasShellCheck = spawnSync("shellcheck", ["--version"]).status === 0;

(hasShellCheck ? test : test.skip)("deploy.sh has nothing that shellcheck objects to", () => {
  expect(execFileSync("shellcheck", [script], { encoding: "utf8" })).toBe("");
});
