import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { FOLLOWING, isPin, NAMESPACE, never, ObservedCluster, until } from "./support/observed-cluster.js";
import { deploy } from "./support/run-deploy.js";

let observed: ObservedCluster;
let cluster: FakeCluster;

beforeEach(async () => {
  observed = await ObservedCluster.start();
  cluster = observed.cluster;
});
afterEach(() => cluster.stop());

/** The fields that kubectl was given, with which it compares the next ones that it applies. */
function lastApplied(): unknown {
  return JSON.parse(
    observed.deployment?.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"] ?? "null",
  );
}

/** The commands of an operator at night. */
async function undo(): Promise<void> {
  const args = [`--namespace=${NAMESPACE}`, "rollout", "undo", "deployment/serve-model"];
  await promisify(execFile)("kubectl", args, { env: { PATH: process.env.PATH, ...cluster.env } });
}

describeWithKubectl("deploy.sh when a release fails", () => {
  test("allows one command to undo a release, and the same to redo it", async () => {
    await observed.release();
    await undo();
    expect(observed.servingArgs).toEqual(observed.pinned(0));
    await until(() => observed.rollOuts.length === 3);
    await undo();
    expect(observed.servingArgs).toEqual(FOLLOWING);
  });

  test("stays at the proved model when the pods that should follow are not ready (10)", async () => {
    cluster.behaviour.serve = async ({ args }) => isPin(args);
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(10);
    expect(stderr).toMatch(
      /01\.558Z\.json is released, but the pods that should follow the newest model did not/,
    );
    expect(observed.servingArgs).toEqual(observed.pinned(0));
  });

  test.each([
    ["pinned", ["--pin"]],
    ["following", []],
  ])("rolls back to the %s release when a model does not become ready (6), repeatedly", async (_, how) => {
    await observed.release(...how);
    const before = observed.servingArgs;
    cluster.behaviour.serve = async ({ args }) => !isPin(args) || args.includes(observed.pin(0));
    for (const attempt of [2, 3]) {
      const { code, stderr } = await deploy(cluster, ["production", ...how]);
      expect(code).toBe(6);
      expect(stderr).toMatch(
        `deploy.sh: models/time-to-dispatch_2026-11-20T22:00:0${attempt}.558Z.json was not released; rolled back to`,
      );
      expect(observed.servingArgs).toEqual(before);
    }
    cluster.behaviour.serve = async () => true;
    expect((await deploy(cluster, ["production", "--pin"])).code).toBe(0);
    expect(observed.servingArgs).toEqual(observed.pinned(3));
  });

  test("rolls back to the applied state, so that a later release can remove objects", async () => {
    await observed.release();
    const applied = lastApplied();
    cluster.behaviour.serve = async ({ args }) => !isPin(args);
    expect((await deploy(cluster, ["production"])).code).toBe(6);
    expect(lastApplied()).toEqual(applied);
  });

  test("rolls back when the pods take too long (6)", async () => {
    await observed.release();
    const before = observed.servingArgs;
    cluster.behaviour.serve = ({ args }) =>
      isPin(args) && !args.includes(observed.pin(0)) ? never() : Promise.resolve(true);
    const { code, stderr } = await deploy(cluster, ["production"], { ROLLOUT_TIMEOUT: "3" });
    expect(stderr).toMatch(/timed out waiting for the condition/);
    expect(code).toBe(6);
    expect(observed.servingArgs).toEqual(before);
    expect(observed.lease).toBeUndefined();
  });
});
