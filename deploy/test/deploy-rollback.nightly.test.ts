import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { IMAGE, NAMESPACE, never, NEXT_IMAGE, ObservedCluster, until } from "./support/observed-cluster.js";
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

/** The fields that kubectl was given, with which it compares the next ones that it applies. */
function lastApplied(): unknown {
  return JSON.parse(
    observed.deployment?.metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"] ?? "null",
  );
}

/** Go back to the image before, as an operator does. */
async function undo(): Promise<void> {
  const args = [`--namespace=${NAMESPACE}`, "rollout", "undo", "deployment/serve-model"];
  await promisify(execFile)("kubectl", args, { env: { PATH: process.env.PATH, ...cluster.env } });
}

describeWithKubectl("deploy.sh when a release fails", () => {
  test("allows one command to undo an image, and the same to redo it, with the model as it is", async () => {
    await observed.release();
    expect(await deploy(cluster, ["production"], {}, next)).toMatchObject({ code: 0 });
    await undo();
    expect(observed.servingImage).toBe(IMAGE);
    await until(() => observed.rollOuts.length === 3);
    await undo();
    expect(observed.servingImage).toBe(NEXT_IMAGE);
    expect(observed.production).toBe(observed.trainings[1]?.key);
  });

  test("rolls image and model back when the pods do not become ready (6), repeatedly", async () => {
    await observed.release();
    cluster.behaviour.serve = async ({ image }) => image === IMAGE;
    for (const attempt of [2, 3]) {
      const { code, stderr } = await deploy(cluster, ["production"], {}, next);
      expect(code).toBe(6);
      expect(stderr).toMatch(
        `deploy.sh: models/time-to-dispatch_2026-11-20T22:00:0${attempt}.558Z.json was not released; rolled back to serve-model-`,
      );
      expect(observed.servingImage).toBe(IMAGE);
      expect(observed.production).toBe(observed.trainings[0]?.key);
    }
    cluster.behaviour.serve = async () => true;
    expect((await deploy(cluster, ["production"], {}, next)).code).toBe(0);
    expect(observed.servingImage).toBe(NEXT_IMAGE);
    expect(observed.production).toBe(observed.trainings[3]?.key);
  });

  test("leaves no revision of a failed release to undo to", async () => {
    await observed.release();
    cluster.behaviour.serve = async ({ image }) => image === IMAGE;
    expect((await deploy(cluster, ["production"], {}, next)).code).toBe(6);
    await expect(undo()).rejects.toThrow("no rollout history found");
    expect(observed.servingImage).toBe(IMAGE);
  });

  test("rolls back to the applied state, so that a later release can remove objects", async () => {
    await observed.release();
    const applied = lastApplied();
    cluster.behaviour.serve = async ({ image }) => image === IMAGE;
    expect((await deploy(cluster, ["production"], {}, next)).code).toBe(6);
    expect(lastApplied()).toEqual(applied);
  });

  test("rolls back when the pods take too long (6)", async () => {
    await observed.release();
    cluster.behaviour.serve = ({ image }) => (image === IMAGE ? Promise.resolve(true) : never());
    const { code, stderr } = await deploy(cluster, ["production"], { ROLLOUT_TIMEOUT: "3" }, next);
    expect(stderr).toMatch(/timed out waiting for the condition/);
    expect(code).toBe(6);
    expect(observed.servingImage).toBe(IMAGE);
    expect(observed.lease).toBeUndefined();
  });
});
