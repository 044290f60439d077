import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { RESOURCE_TYPES } from "./support/fake-cluster/resource-types.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { IMAGE, never, NEXT_IMAGE, ObservedCluster } from "./support/observed-cluster.js";
import { deploy, nextRelease } from "./support/run-deploy.js";

let observed: ObservedCluster;
let cluster: FakeCluster;
let next: string;

beforeAll(async () => {
  next = await nextRelease();
});
afterAll(() => rm(path.dirname(next), { recursive: true }));
beforeEach(async () => {
  observed = await ObservedCluster.start();
  cluster = observed.cluster;
});
afterEach(() => cluster.stop());

function changes(): string[] {
  return cluster.requests.filter((request) => !request.startsWith("GET ") && !request.includes("dryRun"));
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
  test("trains and promotes with the environment's settings, and releases pods that follow the alias", async () => {
    const { code, stdout, stderr } = await deploy(cluster, ["production"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(observed.trainings[0]?.command.args).toEqual(
      "bodywork-time-to-dispatch 0.8 0.9 --champion production --promote production".split(" "),
    );
    expect(observed.rollOuts).toEqual([IMAGE]);
    expect(stdout).toMatch(/Promoted: models\/\S+01\.558Z\.json, sequence 1 of production\n/);
    expect(stdout).toMatch(/Released: models\/time-to-dispatch_2026-11-20T22:00:01\.558Z\.json\n$/);
    expect(cluster.store.list("CronJob")).toHaveLength(2);
    expect(observed.lease).toBeUndefined();
  });

  test("changes nothing but the model when it is run again, and replaces no pod", async () => {
    await observed.release();
    const before = versions();
    const { code } = await deploy(cluster, ["production"]);
    expect(code).toBe(0);
    expect(observed.rollOuts).toEqual([IMAGE]);
    expect(observed.production).toBe(observed.trainings[1]?.key);
    expect(versions()).toEqual(before);
    expect(observed.jobs).toHaveLength(2);
  });

  test("waits until the pods report the sequence of the alias", async () => {
    let looks = 0;
    cluster.behaviour.serveLog = () => observed.followed(++looks < 3 ? 0 : 1);
    expect(await deploy(cluster, ["production"])).toMatchObject({ code: 0, stderr: "" });
    expect(looks).toBe(3);
  });

  test("rolls image and model back when the pods do not follow the alias in time (6)", async () => {
    await observed.release();
    cluster.behaviour.serveLog = () => observed.followed(1);
    const { code, stderr } = await deploy(cluster, ["production"], { ROLLOUT_TIMEOUT: "1" }, next);
    expect(stderr).toMatch(
      /within 1 s these pods did not follow production to sequence 2: serve-model-\w+-0\n/,
    );
    expect(code).toBe(6);
    expect(observed.rollOuts[1]).toBe(NEXT_IMAGE);
    expect(observed.servingImage).toBe(IMAGE);
    expect(observed.moves).toHaveLength(3);
    expect(observed.production).toBe(observed.trainings[0]?.key);
  });

  test("leaves the service alone when training fails, and prints the reason (4)", async () => {
    await observed.release();
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
    expect([observed.servingImage, observed.moves]).toEqual([IMAGE, [observed.trainings[0]?.key]]);
  });

  test("serves the model of the attempt that succeeded", async () => {
    let attempts = 0;
    cluster.behaviour.train = async (command) =>
      ++attempts < 3 ? { exitCode: 1, log: "storage is down\n" } : observed.trained(command);
    const { code } = await deploy(cluster, ["production"]);
    expect(code).toBe(0);
    expect(attempts).toBe(3);
    expect(observed.moves).toEqual([observed.trainings[0]?.key]);
  });

  test("reports that the model could not be rolled back (7)", async () => {
    await observed.release();
    cluster.behaviour.serve = async ({ image }) => image === IMAGE;
    cluster.behaviour.train = async (command) =>
      command.args[1] === "rollback" ? { exitCode: 1, log: "storage is down\n" } : observed.trained(command);
    const { code, stderr } = await deploy(cluster, ["production"], {}, next);
    expect(stderr).toMatch(
      /storage is down\n[^]*but production still names models\/\S+02\.558Z\.json: roll it back by hand/,
    );
    expect(code).toBe(7);
    expect(observed.servingImage).toBe(IMAGE);
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

  test("fails when the training did not log that it promoted a model (1)", async () => {
    cluster.behaviour.train = async () => ({ exitCode: 0, log: "Done\n" });
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/did not log that it promoted a model/);
    expect(observed.isDeployed).toBe(false);
  });

  test("changes nothing with --dry-run and prints what it would do", async () => {
    const { code, stdout } = await deploy(cluster, ["production", "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/deployment\.apps\/serve-model created \(dry run\)/);
    expect(stdout).toMatch(/Would run cronjob\/train-model now[^]*Would roll out deployment\/serve-model/);
    expect(changes()).toEqual([]);
  });
});
