import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { refuseAllBut } from "./support/fake-cluster/roles.js";
import { StatusError } from "./support/fake-cluster/status-error.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { IMAGE, never, ObservedCluster } from "./support/observed-cluster.js";
import { deploy, nextRelease } from "./support/run-deploy.js";

const deployFolder = path.join(import.meta.dirname, "..");

let observed: ObservedCluster;
let cluster: FakeCluster;

beforeEach(async () => {
  observed = await ObservedCluster.start();
  cluster = observed.cluster;
});
afterEach(() => cluster.stop());

/** A path with what the script needs before it looks for kubectl. */
const withoutKubectl = mkdtempSync(path.join(os.tmpdir(), "path-"));
for (const command of ["bash", "env", "dirname", "tr", "sed"]) {
  symlinkSync(
    execFileSync("which", [command], { encoding: "utf8" }).trim(),
    path.join(withoutKubectl, command),
  );
}
afterAll(() => {
  rmSync(withoutKubectl, { recursive: true });
});

describeWithKubectl("deploy.sh on errors of the cluster or the user", () => {
  test("reports manifests that the cluster does not accept (3)", async () => {
    cluster.accepts = ({ kind }) => kind !== "NetworkPolicy";
    const { code, stderr } = await deploy(cluster, ["production"]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/NetworkPolicy "\S+" is forbidden\n[^]*the manifests were not accepted/);
    expect(observed.trainings).toEqual([]);
  });

  const noCluster =
    /no cluster: cannot read (deployment\/serve-model in |namespace\/)time-to-dispatch-production\n$/;
  test.each([[[]], [["--dry-run"]]])("reports a cluster that is not there (8): %j", async (how) => {
    await cluster.stop();
    const { code, stderr } = await deploy(cluster, ["production", ...how]);
    expect({ code, stderr }).toEqual({ code: 8, stderr: expect.stringMatching(noCluster) });
    expect(stderr).not.toMatch(/memcache/);
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
    expect(observed.trainings).toHaveLength(expectedTrainings);
    expect(observed.isDeployed).toBe(false);
  });

  test("needs no permission beyond the roles of its page", async () => {
    const kubectl = (...args: string[]) =>
      promisify(execFile)("kubectl", args, { env: { PATH: process.env.PATH, ...cluster.env } });
    await kubectl("apply", "--filename", path.join(deployFolder, "overlays/production/namespace.yaml"));
    const page = readFileSync(path.join(deployFolder, "README.md"), "utf8").replaceAll("\\\n", "");
    const commands = [...page.matchAll(/^kubectl (.* create role .*)$/gm)].map(([, args = ""]) =>
      args.split(/\s+/),
    );
    const roles = await Promise.all(
      commands.map(async (args) => kubectl(...args, "--dry-run=client", "--output=json")),
    );
    expect(roles).toHaveLength(2);
    cluster.refuses = refuseAllBut(roles.map(({ stdout }): unknown => JSON.parse(stdout)));

    expect(await deploy(cluster, ["production"])).toMatchObject({ code: 0, stderr: "" });
    cluster.behaviour.serve = async ({ image }) => image === IMAGE;
    const next = await nextRelease();
    const failed = await deploy(cluster, ["production"], {}, next);
    rmSync(path.dirname(next), { recursive: true });
    expect(failed).toMatchObject({ code: 6, stderr: expect.not.stringContaining("forbidden") });
    cluster.behaviour.train = never;
    const late = await deploy(cluster, ["production"], { TRAIN_TIMEOUT: "1" });
    expect(late).toMatchObject({ code: 5, stderr: expect.not.stringContaining("forbidden") });
  });

  test.each([[[]], [["--dry-run"]]])("reports a user whom the cluster does not know (9): %j", async (how) => {
    cluster.refuses = () => new StatusError(401, "Unauthorized", "Unauthorized");
    const { code, stderr } = await deploy(cluster, ["production", ...how]);
    expect(code).toBe(9);
    expect(stderr).toMatch(
      /Unauthorized\)\ndeploy\.sh: no permission: cannot read (deployment\/serve-model|namespace\/time)/,
    );
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
    [["staging"], { LEASE_SECONDS: "0" }, /LEASE_SECONDS is "0": expected seconds, 1 to 999999/],
    [
      ["staging"],
      { LEASE_RENEWAL_SECONDS: "20" },
      /LEASE_RENEWAL_SECONDS is "20": expected less than LEASE_SECONDS, 20/,
    ],
    [["staging"], { PATH: withoutKubectl }, /kubectl is not installed/],
  ])("rejects %j (2)", async (args, env, message) => {
    const { code, stderr } = await deploy(cluster, args, env);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(cluster.requests).toEqual([]);
  });
});
