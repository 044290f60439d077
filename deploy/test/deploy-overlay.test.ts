import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { at, list } from "./support/kube-object.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { NAMESPACE, ObservedCluster } from "./support/observed-cluster.js";
import { SCRIPT, startDeploy } from "./support/run-deploy.js";

let observed: ObservedCluster;
let cluster: FakeCluster;

beforeEach(async () => {
  observed = await ObservedCluster.start();
  cluster = observed.cluster;
});
afterEach(() => cluster.stop());

describeWithKubectl("deploy.sh with another overlay", () => {
  let copy: string;
  beforeEach(async () => {
    copy = await mkdtemp(path.join(os.tmpdir(), "deploy-"));
    await cp(path.dirname(SCRIPT), copy, { recursive: true });
  });
  afterEach(() => rm(copy, { recursive: true }));

  function deployCopy() {
    return startDeploy(cluster, ["production"], {}, path.join(copy, "deploy.sh")).result;
  }

  async function addToOverlay(kustomization: string, files: Record<string, string> = {}) {
    const overlay = path.join(copy, "overlays/production");
    for (const [name, text] of Object.entries(files)) {
      await writeFile(path.join(overlay, name), text);
    }
    await appendFile(path.join(overlay, "kustomization.yaml"), kustomization);
  }

  test("leaves other Deployments and containers as the overlay has them", async () => {
    const sidecar = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "serve-model" },
      spec: { template: { spec: { containers: [{ name: "proxy", image: "proxy", args: ["--verbose"] }] } } },
    };
    const labels = { "app.kubernetes.io/name": "cache" };
    const cache = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "cache" },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "cache", image: "cache", args: ["--size=1"] }] },
        },
      },
    };
    await addToOverlay("  - path: sidecar.yaml\nresources: [namespace.yaml, ../../base, cache.yaml]\n", {
      "sidecar.yaml": JSON.stringify(sidecar),
      "cache.yaml": JSON.stringify(cache),
    });
    const overlay = path.join(copy, "overlays/production/kustomization.yaml");
    const text = await readFile(overlay, "utf8");
    await writeFile(overlay, text.replace("resources:\n  - namespace.yaml\n  - ../../base\n", ""));

    const { code, stderr } = await deployCopy();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const releases = cluster.store
      .list("ReplicaSet")
      .filter(({ metadata }) => metadata.name.startsWith("serve-model-"))
      .map((release) =>
        list(at(release, "spec", "template", "spec", "containers")).map((container) => at(container, "args")),
      );
    expect(releases).toEqual([[["--verbose"], ["$(S3_BUCKET)", "--alias", "production"]]]);
    const other = cluster.store.get("Deployment", NAMESPACE, "cache");
    expect(at(other, "spec", "template", "spec", "containers", 0, "args")).toEqual(["--size=1"]);
  });

  test("rejects an overlay without the service's Deployment (3)", async () => {
    await addToOverlay("nameSuffix: -blue\n");
    const { code, stderr } = await deployCopy();
    expect(stderr).toMatch(/the overlay production has no deployment\/serve-model\n$/);
    expect(code).toBe(3);
    expect(observed.jobs).toEqual([]);
  });
});
