import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { describeWithKubectl } from "./support/kubectl.js";
import { parseManifests } from "./support/manifests/parse-manifests.js";
import type { KubeObject } from "./support/kube-object.js";
import { promtool, testWithPromtool } from "./support/promtool.js";

const deployFolder = path.join(import.meta.dirname, "..");
const rulesFolder = path.join(deployFolder, "monitoring");
const read = (...names: string[]) => readFileSync(path.join(deployFolder, ...names), "utf8");

describe("the alert rules", () => {
  testWithPromtool("passes the checks of promtool", () => {
    expect(promtool(rulesFolder, ["check", "rules", "--lint=all", "--lint-fatal", "rules.yaml"])).toBe("");
  });

  testWithPromtool("fires and stays silent as its tests say", () => {
    expect(promtool(rulesFolder, ["test", "rules", "rules-test.yaml"])).toBe("");
  });

  test("has a test for every alert", () => {
    const names = (text: string, key: string) =>
      [...text.matchAll(new RegExp(`${key}: (\\w+)`, "g"))].map(([, name]) => name);
    const tested = new Set(names(read("monitoring", "rules-test.yaml"), "alertname"));
    expect(names(read("monitoring", "rules.yaml"), "alert").filter((name) => !tested.has(name))).toEqual([]);
  });

  test("names a section of the runbook in every alert", () => {
    const runbook = read("..", "docs", "runbook.md");
    const sections = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title = ""]) =>
      title.toLowerCase().replaceAll(" ", "-"),
    );
    const anchors = [...read("monitoring", "rules.yaml").matchAll(/runbook: docs\/runbook\.md#(.*)$/gm)];
    expect(anchors.length).toBeGreaterThan(10);
    for (const [, anchor] of anchors) {
      expect(sections).toContain(anchor);
    }
  });

  test("is the same for the operator of Prometheus", () => {
    const [rule] = parseManifests(read("components", "prometheus-operator", "prometheus-rule.yaml"));
    const spec: unknown = parse(read("monitoring", "rules.yaml"));
    expect(rule).toMatchObject({ kind: "PrometheusRule", spec });
  });
});

describeWithKubectl("the components of monitoring", () => {
  let folder: string;
  let objects: KubeObject[];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "prometheus-operator-"));
    for (const part of ["base", "components", "monitoring", "overlays"]) {
      await cp(path.join(deployFolder, part), path.join(folder, part), { recursive: true });
    }
    const overlay = path.join(folder, "overlays", "production");
    const kustomization = read("overlays", "production", "kustomization.yaml");
    await writeFile(
      path.join(overlay, "kustomization.yaml"),
      `${kustomization}components:\n  - ../../components/prometheus-operator\n  - ../../monitoring\n`,
    );
    objects = parseManifests(execFileSync("kubectl", ["kustomize", overlay], { encoding: "utf8" }));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("adds the rules and a monitor of the service's port, in the overlay's namespace", () => {
    const service = objects.find(({ kind }) => kind === "Service");
    const monitor = objects.find(({ kind }) => kind === "ServiceMonitor");
    expect(monitor).toMatchObject({
      metadata: { namespace: "time-to-dispatch-production" },
      spec: {
        selector: { matchLabels: { "app.kubernetes.io/name": "serve-model" } },
        endpoints: [{ port: "http", path: "/metrics" }],
      },
    });
    expect(service).toMatchObject({ metadata: { labels: { "app.kubernetes.io/name": "serve-model" } } });
    expect(objects.filter(({ kind }) => kind === "PrometheusRule")).toHaveLength(1);
  });

  test("adds the dashboard where Grafana finds it", () => {
    const name = "model-dashboard";
    const dashboard = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name);
    expect(dashboard).toMatchObject({
      metadata: { namespace: "time-to-dispatch-production", labels: { grafana_dashboard: "1" } },
      data: { "dashboard.json": read("monitoring", "dashboard.json") },
    });
  });

  test("removes the annotations by which the service would be scraped twice", () => {
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    expect(JSON.stringify(deployment)).not.toContain("prometheus.io");
  });
});
