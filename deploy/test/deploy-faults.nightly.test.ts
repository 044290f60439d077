import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { StatusError } from "./support/fake-cluster/status-error.js";
import type { PodCommand } from "./support/fake-cluster/pod-command.js";
import { at } from "./support/kube-object.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { IMAGE, NAMESPACE, never, NEXT_IMAGE, ObservedCluster, until } from "./support/observed-cluster.js";
import { deploy, nextRelease, startDeploy } from "./support/run-deploy.js";
import type { DeployRun } from "./support/run-deploy.js";

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

/** As the end of its machine would. The next run need not wait for the lease, which one test and deploy-lease do. */
async function kill(run: DeployRun): Promise<void> {
  run.kill();
  await run.result;
  observed.endLease();
}

describeWithKubectl("deploy.sh when it is interrupted or gets no answer", () => {
  test("rolls back and keeps the previous release when the controller is slow (6)", async () => {
    await observed.release();
    cluster.behaviour.train = async (command) => {
      const result = observed.run(command);
      cluster.controls = observed.moves.length !== 2;
      return result;
    };
    let rollOutsAsked = 0;
    cluster.refuses = (request) => {
      if (/^PATCH .*deployments/.test(request)) {
        cluster.controls = ++rollOutsAsked > 1;
      }
      return undefined;
    };
    const { code } = await deploy(cluster, ["production"], { ROLLOUT_TIMEOUT: "3" }, next);
    expect(code).toBe(6);
    expect(observed.servingImage).toBe(IMAGE);
    expect(cluster.requests.filter((request) => /^DELETE .*replicasets/.test(request))).toEqual([]);
  });

  test("rolls back a roll-out that was accepted without an answer (3)", async () => {
    await observed.release();
    let lost = 0;
    cluster.loses = (request) => /^PATCH .*deployments/.test(request) && lost++ === 0;
    const { code, stderr } = await deploy(cluster, ["production"], {}, next);
    expect(lost).toBeGreaterThan(1);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/was not accepted\n$/) });
    expect(observed.servingImage).toBe(IMAGE);
  });

  test("scales up a service without replicas, so that the image is tested", async () => {
    await observed.release();
    const sleeping = observed.deployment;
    if (sleeping === undefined) {
      throw new Error("not deployed");
    }
    cluster.store.put({ ...sleeping, spec: { ...sleeping.spec, replicas: 0 } });
    cluster.behaviour.serve = async ({ image }) => image === IMAGE;
    expect((await deploy(cluster, ["production"], {}, next)).code).toBe(6);
    expect(observed.servingImage).toBe(IMAGE);
  });

  test.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "ends the training when it is interrupted by %s while it trains (%i)",
    async (signal, expected) => {
      cluster.behaviour.train = never;
      const run = startDeploy(cluster, ["production"]);
      await until(() => cluster.requests.some((request) => /^GET .*\/jobs\/train-model-/.test(request)));
      run.interrupt(signal);
      const { code, stderr } = await run.result;
      expect(code).toBe(expected);
      expect(stderr).toMatch(/interrupted; the release before serves\n$/);
      expect(observed.jobs).toEqual([]);
      expect(observed.isDeployed).toBe(false);
    },
  );

  test("rolls back when it is interrupted in a roll-out", async () => {
    await observed.release();
    cluster.behaviour.serve = never;
    const run = startDeploy(cluster, ["production"], {}, next);
    await until(() => observed.servingImage === NEXT_IMAGE);
    run.interrupt("SIGINT");
    expect(await run.result).toMatchObject({ code: 130 });
    expect(observed.servingImage).toBe(IMAGE);
    expect(observed.lease).toBeUndefined();
  });

  test("rolls back when it is interrupted while it reports why pods are not ready", async () => {
    await observed.release();
    cluster.behaviour.serve = async ({ image }) => image === IMAGE;
    const run = startDeploy(cluster, ["production"], {}, next);
    cluster.refuses = (request) => {
      if (/^GET .*\/pods\?labelSelector=app.kubernetes.io%2Fname%3Dserve-model/.test(request)) {
        run.interrupt("SIGINT");
      }
      return undefined;
    };
    expect(await run.result).toMatchObject({ code: 130 });
    expect(observed.servingImage).toBe(IMAGE);
  });

  test("takes the model back when it is interrupted while it waits for the pods to follow", async () => {
    await observed.release();
    let looks = 0;
    cluster.behaviour.serveLog = () => observed.followed(Math.min(++looks, 1));
    const run = startDeploy(cluster, ["production"]);
    await until(() => looks > 0);
    run.interrupt("SIGINT");
    const { code, stderr } = await run.result;
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted; the release before serves\n$/);
    expect(observed.moves).toHaveLength(3);
    expect(observed.production).toBe(observed.trainings[0]?.key);
  });

  test("finds the previous release after it was killed in a bad roll-out", async () => {
    await observed.release();
    cluster.behaviour.serve = ({ image }) => (image === IMAGE ? Promise.resolve(true) : never());
    const run = startDeploy(cluster, ["production"], {}, next);
    await until(() => observed.servingImage === NEXT_IMAGE);
    run.kill();
    await run.result;
    observed.shortenLease();
    expect(observed.servingImage).toBe(NEXT_IMAGE);
    cluster.behaviour.serve = async ({ image }) => image === IMAGE;
    const { code } = await deploy(cluster, ["production"], {}, next);
    expect(code).toBe(6);
    expect(observed.servingImage).toBe(IMAGE);
  });

  test("names the training to delete when it cannot end it either (5)", async () => {
    cluster.behaviour.train = async (command) => {
      cluster.refuses = () => new StatusError(500, "InternalError", "dial tcp 10.0.0.1:2379: i/o timeout");
      return observed.run(command);
    };
    const { code, stderr } = await deploy(cluster, ["production"], { TRAIN_TIMEOUT: "2" });
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /did not end within 2 s, and job\/train-model-\S+ could not be deleted: delete it\n$/,
    );
  });

  test("rolls back a roll-out of a killed run, even when its own training fails (4)", async () => {
    await observed.release();
    const applied = observed.released;
    cluster.behaviour.serve = ({ image }) => (image === IMAGE ? Promise.resolve(true) : never());
    const run = startDeploy(cluster, ["production"], {}, next);
    await until(() => observed.servingImage === NEXT_IMAGE);
    await kill(run);
    cluster.behaviour.train = async () => ({ exitCode: 2, log: "" });
    const { code, stdout } = await deploy(cluster, ["production"]);
    expect(stdout).toMatch(/▸ Take back: serve-model-\w+, a roll-out that was cut off\n/);
    expect(code).toBe(4);
    expect(observed.servingImage).toBe(IMAGE);
    expect(observed.released).toBe(applied);
    expect(cluster.store.list("ReplicaSet")).toHaveLength(1);
  });

  test("releases when the run before was killed in the first roll-out", async () => {
    cluster.behaviour.serve = never;
    const run = startDeploy(cluster, ["production"]);
    await until(() => observed.isDeployed);
    await kill(run);
    cluster.behaviour.serve = async () => true;
    const { code, stdout } = await deploy(cluster, ["production"], {}, next);
    expect(stdout).toMatch(/^▸ Release before: none$/m);
    expect(code).toBe(0);
    expect(observed.servingImage).toBe(NEXT_IMAGE);
  });

  test("ends the training of a killed run, and no other", async () => {
    cluster.behaviour.train = never;
    const run = startDeploy(cluster, ["production"]);
    await until(() => at(observed.jobs[0], "status", "active") === 1);
    await kill(run);
    const left = observed.jobs[0]?.metadata.name ?? "";
    const { spec = {} } = observed.jobs[0] ?? {};
    const scheduled = { name: "train-model-29403720", namespace: NAMESPACE };
    cluster.store.put({ apiVersion: "batch/v1", kind: "Job", metadata: scheduled, spec });
    cluster.behaviour.train = async (command) => observed.run(command);
    const { code, stdout } = await deploy(cluster, ["production"]);
    expect(stdout).toContain(`▸ End: job/${left}, which an earlier run left\n`);
    expect(code).toBe(0);
    const names = observed.jobs.map(({ metadata }) => metadata.name);
    expect(names).toEqual([scheduled.name, expect.stringMatching(/^train-model-release-\d{8}-\d{6}-\d+$/)]);
  });

  test("trains once though the answer to its request is lost", async () => {
    let asked = 0;
    cluster.loses = (request) => /^POST .*\/jobs/.test(request) && asked++ === 0;
    const { code } = await deploy(cluster, ["production"]);
    expect(asked).toBe(2);
    expect(code).toBe(0);
    expect(observed.trainings).toHaveLength(1);
  });

  test("ends a training that may have started without an answer (1)", async () => {
    cluster.behaviour.train = never;
    cluster.refuses = (request) =>
      /^POST .*\/jobs/.test(request) && observed.jobs.length > 0
        ? new StatusError(500, "InternalError", "etcdserver: leader changed")
        : undefined;
    cluster.loses = (request) => /^POST .*\/jobs/.test(request);
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/deploy\.sh: the training could not be started\n$/),
    });
    expect(observed.jobs).toEqual([]);
  });

  test.each([
    ["releases", "0", NEXT_IMAGE, async () => true],
    ["goes back", "6", IMAGE, async ({ image }: PodCommand) => image === IMAGE],
  ])("works the same when nobody reads its output: %s (%s)", async (_, expected, serving, serve) => {
    await observed.release();
    cluster.behaviour.serve = serve;
    const piped = `"$1" production 2>&1 | head -n 4; echo "code \${PIPESTATUS[0]}"`;
    const { stdout } = await promisify(execFile)("bash", ["-c", piped, "bash", next], {
      env: { PATH: process.env.PATH, ...cluster.env },
    });
    expect(stdout).toMatch(/^▸ Release before: serve-model-/);
    expect(stdout.split("\n").slice(4)).toEqual([`code ${expected}`, ""]);
    expect(observed.servingImage).toBe(serving);
  });
});
