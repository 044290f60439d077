import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { at } from "./support/kube-object.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { IMAGE, NAMESPACE, never, NEXT_IMAGE, ObservedCluster, until } from "./support/observed-cluster.js";
import { deploy, nextRelease, startDeploy } from "./support/run-deploy.js";

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

/** The runs of these tests renew their lease often, so that another notices it soon. */
const OFTEN = { LEASE_RENEWAL_SECONDS: "1" };

/** As another run would write it. */
function putLease(spec: Record<string, unknown>): void {
  cluster.store.put({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "deploy", namespace: NAMESPACE },
    spec,
  });
}

const renewTime = "2026-11-20T22:00:00.000000Z";

describeWithKubectl("two runs of deploy.sh for one environment", () => {
  test("leaves a run alone while that trains (11), which then releases", async () => {
    let endTraining = (): void => undefined;
    const training = new Promise<void>((resolve) => (endTraining = resolve));
    cluster.behaviour.train = async (command) => {
      await training;
      return observed.trained(command);
    };
    const first = startDeploy(cluster, ["production"], OFTEN);
    await until(() => at(observed.jobs[0], "status", "active") === 1);
    const holder = String(at(observed.lease, "spec", "holderIdentity"));
    const { code, stdout, stderr } = await deploy(cluster, ["production"]);
    expect(stdout).toBe(`▸ Wait: up to 20 s, to see whether the run ${holder} is still at work\n`);
    expect({ code, stderr }).toEqual({
      code: 11,
      stderr: `deploy.sh: another run for production is at work: ${holder}\n`,
    });
    endTraining();
    expect(await first.result).toMatchObject({ code: 0, stderr: "" });
    expect(observed.trainings).toHaveLength(1);
    expect(observed.servingImage).toBe(IMAGE);
  });

  test("leaves the roll-out of a run at work alone (11)", async () => {
    await observed.release();
    let becomeReady = (): void => undefined;
    const ready = new Promise<boolean>((resolve) => {
      becomeReady = () => {
        resolve(true);
      };
    });
    cluster.behaviour.serve = async ({ image }) => image === IMAGE || ready;
    const first = startDeploy(cluster, ["production"], OFTEN, next);
    await until(() => observed.servingImage === NEXT_IMAGE);
    expect(await deploy(cluster, ["production"])).toMatchObject({ code: 11 });
    becomeReady();
    expect(await first.result).toMatchObject({ code: 0, stderr: "" });
    expect(observed.servingImage).toBe(NEXT_IMAGE);
  });

  test("continues when the other run ends meanwhile", async () => {
    putLease({ holderIdentity: "other-1-1", leaseDurationSeconds: 600, renewTime });
    cluster.refuses = (request) => {
      const { lease } = observed;
      if (/^GET .*\/leases\/deploy/.test(request) && at(lease, "spec", "holderIdentity") === "other-1-1") {
        setImmediate(() => {
          if (lease !== undefined) {
            cluster.store.delete(lease);
          }
        });
      }
      return undefined;
    };
    expect(await deploy(cluster, ["production"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("continues in one of two runs that wait for a killed one", async () => {
    putLease({ holderIdentity: "killed-1-1", leaseDurationSeconds: 2, renewTime });
    const results = [1, 2].map(() => deploy(cluster, ["production"]));
    // Else one that is fast could have ended, and given the lease back, before the other looks again.
    cluster.behaviour.train = async (command) => {
      await Promise.race(results);
      return observed.trained(command);
    };
    const codes = (await Promise.all(results)).map(({ code }) => code);
    expect(codes.sort((a, b) => Number(a) - Number(b))).toEqual([0, 11]);
    expect(observed.trainings).toHaveLength(1);
  });

  test("changes nothing more when it was stopped for too long (11)", async () => {
    await observed.release();
    cluster.behaviour.serve = never;
    const away = startDeploy(cluster, ["production"], OFTEN, next);
    await until(() => observed.servingImage === NEXT_IMAGE);
    putLease({ holderIdentity: "other-1-1", leaseDurationSeconds: 20, renewTime });
    const { code, stderr } = await away.result;
    expect({ code, stderr }).toEqual({
      code: 11,
      stderr:
        "deploy.sh: another run for production has taken over, as this one was away for more than 20 s\n",
    });
    expect(observed.servingImage).toBe(NEXT_IMAGE);
    expect(at(observed.lease, "spec", "holderIdentity")).toBe("other-1-1");
  });

  test("keeps the lease of another run when it ends before it sees it", async () => {
    cluster.behaviour.train = async () => {
      putLease({ holderIdentity: "other-1-1", leaseDurationSeconds: 20, renewTime });
      return { exitCode: 2, log: "" };
    };
    expect(await deploy(cluster, ["production"])).toMatchObject({ code: 4 });
    expect(at(observed.lease, "spec", "holderIdentity")).toBe("other-1-1");
  });

  test.each([
    [{ holderIdentity: 'x", "', leaseDurationSeconds: 1, renewTime }],
    [{ holderIdentity: "x", renewTime }],
    [{}],
  ])("rejects a lease that deploy.sh did not make (1): %j", async (spec) => {
    putLease(spec);
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(stderr).toMatch(/^deploy\.sh: lease\/deploy was not made by deploy\.sh: it has "/);
    expect(code).toBe(1);
    expect(observed.trainings).toEqual([]);
  });

  test("continues when the answer to its request for the lease is lost", async () => {
    let asked = 0;
    cluster.loses = (request) => /^POST .*\/leases/.test(request) && asked++ === 0;
    expect(await deploy(cluster, ["production"])).toMatchObject({ code: 0 });
    expect(asked).toBe(1);
    expect(observed.lease).toBeUndefined();
  });
});
