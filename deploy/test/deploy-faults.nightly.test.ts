import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { StatusError } from "./support/fake-cluster/status-error.js";
import type { PodCommand } from "./support/fake-cluster/pod-command.js";
import { at } from "./support/kube-object.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { FOLLOWING, isPin, NAMESPACE, never, ObservedCluster, until } from "./support/observed-cluster.js";
import { deploy, SCRIPT, startDeploy } from "./support/run-deploy.js";
import type { DeployRun } from "./support/run-deploy.js";

let observed: ObservedCluster;
let cluster: FakeCluster;

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
      cluster.controls = false;
      return observed.trained(command);
    };
    let rollOutsAsked = 0;
    cluster.refuses = (request) => {
      if (/^PATCH .*deployments/.test(request)) {
        cluster.controls = ++rollOutsAsked > 1;
      }
      return undefined;
    };
    const { code } = await deploy(cluster, ["production"], { ROLLOUT_TIMEOUT: "3" });
    expect(code).toBe(6);
    expect(observed.servingArgs).toEqual(FOLLOWING);
    expect(cluster.requests.filter((request) => /^DELETE .*replicasets/.test(request))).toEqual([]);
  });

  test("rolls back a roll-out that was accepted without an answer (3)", async () => {
    await observed.release();
    let lost = 0;
    cluster.loses = (request) => /^PATCH .*deployments/.test(request) && lost++ === 0;
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(lost).toBeGreaterThan(1);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/was not accepted\n$/) });
    expect(observed.servingArgs).toEqual(FOLLOWING);
  });

  test("scales up a service without replicas, so that the model is tested", async () => {
    await observed.release();
    const sleeping = observed.deployment;
    if (sleeping === undefined) {
      throw new Error("not deployed");
    }
    cluster.store.put({ ...sleeping, spec: { ...sleeping.spec, replicas: 0 } });
    cluster.behaviour.serve = async ({ args }) => !isPin(args);
    expect((await deploy(cluster, ["production"])).code).toBe(6);
    expect(observed.servingArgs).toEqual(FOLLOWING);
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
    const before = observed.servingArgs;
    cluster.behaviour.serve = never;
    const run = startDeploy(cluster, ["production"]);
    await until(() => at(observed.servingArgs, 1) === observed.pin(1));
    run.interrupt("SIGINT");
    expect((await run.result).code).toBe(130);
    expect(observed.servingArgs).toEqual(before);
    expect(observed.lease).toBeUndefined();
  });

  test("rolls back when it is interrupted while it reports why pods are not ready", async () => {
    await observed.release();
    cluster.behaviour.serve = async ({ args }) => !isPin(args);
    const run = startDeploy(cluster, ["production"]);
    cluster.refuses = (request) => {
      if (/^GET .*\/pods\?labelSelector=app.kubernetes.io%2Fname%3Dserve-model/.test(request)) {
        run.interrupt("SIGINT");
      }
      return undefined;
    };
    expect((await run.result).code).toBe(130);
    expect(observed.servingArgs).toEqual(FOLLOWING);
  });

  test("lets the service follow when it is interrupted after the model was proved", async () => {
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
    expect(observed.servingArgs).toEqual(FOLLOWING);
  });

  test("finds the previous release after it was killed in a bad roll-out", async () => {
    await observed.release();
    const before = observed.servingArgs;
    cluster.behaviour.serve = ({ args }) =>
      isPin(args) && !args.includes(observed.pin(0)) ? never() : Promise.resolve(true);
    const run = startDeploy(cluster, ["production"]);
    await until(() => at(observed.servingArgs, 1) === observed.pin(1));
    run.kill();
    await run.result;
    observed.shortenLease();
    expect(observed.servingArgs).not.toEqual(before);
    cluster.behaviour.serve = async ({ args }) => !isPin(args) || args.includes(observed.pin(0));
    const { code } = await deploy(cluster, ["production"]);
    expect(code).toBe(6);
    expect(observed.servingArgs).toEqual(before);
  });

  test("names the training to delete when it cannot end it either (5)", async () => {
    cluster.behaviour.train = async (command) => {
      cluster.refuses = () => new StatusError(500, "InternalError", "dial tcp 10.0.0.1:2379: i/o timeout");
      return observed.trained(command);
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
    cluster.behaviour.serve = ({ args }) => (isPin(args) ? never() : Promise.resolve(true));
    const run = startDeploy(cluster, ["production"]);
    await until(() => at(observed.servingArgs, 1) === observed.pin(1));
    await kill(run);
    cluster.behaviour.train = async () => ({ exitCode: 2, log: "" });
    const { code, stdout } = await deploy(cluster, ["production"]);
    expect(stdout).toMatch(/▸ Take back: serve-model-\w+, a roll-out that was cut off\n/);
    expect(code).toBe(4);
    expect(observed.servingArgs).toEqual(FOLLOWING);
    expect(observed.released).toBe(applied);
    expect(cluster.store.list("ReplicaSet")).toHaveLength(2);
  });

  test("releases when the run before was killed in the first roll-out", async () => {
    cluster.behaviour.serve = never;
    const run = startDeploy(cluster, ["production"]);
    await until(() => observed.isDeployed);
    await kill(run);
    cluster.behaviour.serve = async () => true;
    const { code, stdout } = await deploy(cluster, ["production"]);
    expect(stdout).toMatch(/^▸ Release before: none$/m);
    expect(code).toBe(0);
    expect(observed.servingArgs).toEqual(FOLLOWING);
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
    cluster.behaviour.train = async (command) => observed.trained(command);
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
    ["releases", "0", async () => true],
    ["goes back", "6", async ({ args }: PodCommand) => !isPin(args)],
  ])("works the same when nobody reads its output: %s (%s)", async (_, expected, serve) => {
    await observed.release();
    cluster.behaviour.serve = serve;
    const piped = `"$1" production 2>&1 | head -n 4; echo "code \${PIPESTATUS[0]}"`;
    const { stdout } = await promisify(execFile)("bash", ["-c", piped, "bash", SCRIPT], {
      env: { PATH: process.env.PATH, ...cluster.env },
    });
    expect(stdout).toMatch(/^▸ Release before: serve-model-/);
    expect(stdout.split("\n").slice(4)).toEqual([`code ${expected}`, ""]);
    expect(observed.servingArgs).toEqual(FOLLOWING);
  });
});
