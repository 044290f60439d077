import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { RESOURCE_TYPES } from "./support/fake-cluster/resource-types.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { FOLLOWING, isPin, NAMESPACE, never, ObservedCluster } from "./support/observed-cluster.js";
import { deploy } from "./support/run-deploy.js";

let observed: ObservedCluster;
let cluster: FakeCluster;

beforeEach(async () => {
  observed = await ObservedCluster.start();
  cluster = observed.cluster;
});
afterEach(() => cluster.stop());

function changes(): string[] {
  return cluster.requests.filter((request) => !request.startsWith("GET ") && !request.includes("dryRun"));
}

/** The commands of an operator at night. */
async function undo(): Promise<void> {
  const args = [`--namespace=${NAMESPACE}`, "rollout", "undo", "deployment/serve-model"];
  await promisify(execFile)("kubectl", args, { env: { PATH: process.env.PATH, ...cluster.env } });
}

/** The version of each object but those that a new model changes. */
function versions(): Record<string, string | undefined> {
  return Object.fromEntries(
    RESOURCE_TYPES.filter(({ kind }) => !["Job", "Pod", "Deployment", "ReplicaSet"].includes(kind))
      .flatMap(({ kind }) => cluster.store.list(kind))
      .map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
  );
}

describeWithKubectl("deploy.sh", () => {
  test("trains with the environment's settings, serves that model, then follows newer ones", async () => {
    const { code, stdout, stderr } = await deploy(cluster, ["production"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(observed.trainings[0]?.command.args).toEqual(["bodywork-time-to-dispatch", "0.8", "0.9"]);
    expect(observed.rollOuts).toEqual([
      ["bodywork-time-to-dispatch", observed.pin(0)],
      ["bodywork-time-to-dispatch"],
    ]);
    expect(observed.servingArgs).toEqual(FOLLOWING);
    expect(stdout).toMatch(/Released: models\/time-to-dispatch_2026-11-20T22:00:01\.558Z\.json\n$/);
    expect(cluster.store.list("CronJob")).toHaveLength(1);
    expect(observed.lease).toBeUndefined();
  });

  test("keeps the service at that model with --pin", async () => {
    const { code } = await deploy(cluster, ["production", "--pin"]);
    expect(code).toBe(0);
    expect(observed.servingArgs).toEqual(observed.pinned(0));
    expect(observed.rollOuts).toHaveLength(1);
  });

  test("changes nothing but the model when it is run again", async () => {
    await observed.release();
    const before = versions();
    const { code } = await deploy(cluster, ["production", "--pin"]);
    expect(code).toBe(0);
    expect(observed.servingArgs).toEqual(observed.pinned(1));
    expect(versions()).toEqual(before);
    expect(observed.jobs).toHaveLength(2);
  });

  test("leaves the service alone when training fails, and prints the reason (4)", async () => {
    await observed.release();
    const before = observed.servingArgs;
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
    expect(observed.servingArgs).toEqual(before);
  });

  test("serves the model of the attempt that succeeded", async () => {
    let attempts = 0;
    cluster.behaviour.train = async (command) =>
      ++attempts < 3 ? { exitCode: 1, log: "storage is down\n" } : observed.trained(command);
    const { code } = await deploy(cluster, ["production"]);
    expect(code).toBe(0);
    expect(attempts).toBe(3);
    expect(observed.rollOuts[0]).toContain(observed.pin(0));
  });

  test("leaves no revision of a failed release to undo to", async () => {
    await observed.release();
    cluster.behaviour.serve = async ({ args }) => !isPin(args) || args.includes(observed.pin(0));
    expect((await deploy(cluster, ["production"])).code).toBe(6);
    await undo();
    expect(observed.servingArgs).toEqual(observed.pinned(0));
  });

  test("reports that there is no release to roll back to (7)", async () => {
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
    expect(observed.jobs).toEqual([]);
    expect(observed.isDeployed).toBe(false);
  });

  test("fails when the training did not log where its model is (1)", async () => {
    cluster.behaviour.train = async () => ({ exitCode: 0, log: "Done\n" });
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/did not log where it put its model/);
    expect(observed.isDeployed).toBe(false);
  });

  test("changes nothing with --dry-run and prints what it would do", async () => {
    const { code, stdout } = await deploy(cluster, ["production", "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/deployment\.apps\/serve-model created \(dry run\)/);
    expect(stdout).toMatch(/Would run cronjob\/train-model now[^]*let deployment\/serve-model follow/);
    expect(changes()).toEqual([]);
  });
});
