import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { createModelServer } from "@ml-pipelines/model-server";
import { configureLogger } from "@ml-pipelines/pipeline-utils/logging";
import { dtRegression } from "@ml-pipelines/pipeline-utils/ml-cart";
import { profileModel } from "@ml-pipelines/pipeline-utils/monitoring";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";
import { PRODUCTS, signatureOf } from "@ml-pipelines/test-support/sample-model";
import { describeWithKubectl } from "./support/kubectl.js";
import { parseManifests } from "./support/manifests/parse-manifests.js";
import { at, list, text } from "./support/kube-object.js";
import type { KubeObject } from "./support/kube-object.js";
import { metricNames } from "./support/promql.js";
import { promtool, testWithPromtool } from "./support/promtool.js";

const deployFolder = path.join(import.meta.dirname, "..");
const rulesFolder = path.join(deployFolder, "monitoring");
const read = (...names: string[]) => readFileSync(path.join(deployFolder, ...names), "utf8");
const dashboard: unknown = JSON.parse(read("monitoring", "dashboard.json"));

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
    const anchors = [
      ...read("monitoring", "rules.yaml").matchAll(/runbook_url: \S+\/docs\/runbook\.md#(.*)$/gm),
    ];
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

/** Metrics that kube-state-metrics documents. @see https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload */
const KUBE_STATE_METRICS = [
  "kube_cronjob_created",
  "kube_cronjob_spec_suspend",
  "kube_cronjob_status_last_successful_time",
  "kube_job_failed",
  "kube_job_status_failed",
];

describe("the dashboard", () => {
  const panels = list(at(dashboard, "panels"));

  test("has panels that Grafana can tell apart, side by side on its 24 columns", () => {
    const ids = panels.map((panel) => at(panel, "id"));
    expect(new Set(ids).size).toBe(ids.length);
    const cells = panels.flatMap((panel) => {
      const [x = NaN, y = NaN, w = NaN, h = NaN] = ["x", "y", "w", "h"].map((name) =>
        Number(at(panel, "gridPos", name)),
      );
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  test("asks the chosen data source, and names what it shows", () => {
    for (const panel of panels) {
      expect(panel).toMatchObject({
        title: expect.stringMatching(/\S/),
        description: expect.stringMatching(/\S/),
        type: expect.stringMatching(/^(?:stat|table|timeseries)$/),
        datasource: { type: "prometheus", uid: "${datasource}" },
        fieldConfig: { defaults: { unit: expect.stringMatching(/\S/) }, overrides: [] },
      });
      const refs = list(at(panel, "targets")).map((target) => at(target, "refId"));
      expect(refs).toEqual(["A", "B", "C"].slice(0, refs.length));
    }
  });
});

test("reads in rules and dashboard only metrics that exist", async () => {
  const storage = await ModelStorage.start();
  try {
    const groups = list(at(parse(read("monitoring", "rules.yaml")), "groups"));
    const rules = groups.flatMap((group) => list(at(group, "rules")));
    const targets = list(at(dashboard, "panels")).flatMap((panel) => list(at(panel, "targets")));
    const recorded = rules.map((rule) => text(at(rule, "record")));
    const exported = await exportedMetrics(storage);
    const known = new Set([...exported, ...recorded, ...KUBE_STATE_METRICS, "ALERTS"]);
    const expected = [...rules, ...targets].flatMap((source) => metricNames(text(at(source, "expr"))));
    expect(expected).toEqual(
      expect.arrayContaining(["model_info", "model_input_bin_total", "kube_job_failed"]),
    );
    expect(expected.filter((name) => !known.has(name))).toEqual([]);
    expect(KUBE_STATE_METRICS.filter((name) => !expected.includes(name))).toEqual([]);
  } finally {
    await storage.stop();
  }
});

/** The names of all samples that a service with a profiled model and a prediction log exports. */
async function exportedMetrics(storage: ModelStorage): Promise<string[]> {
  const features = signatureOf(PRODUCTS);
  const values = Float64Array.of(1, 2, 3);
  const trained = { columns: features.map(() => values), target: values };
  const name = "hours_to_dispatch";
  const target = { name, type: "number" } as const;
  const profile = profileModel({ features, target, train: trained, predictions: values });
  await storage.putModel({ features, target, metadata: { profile } });
  const app = await createModelServer({
    ...{ name: "time-to-dispatch", modelClasses: [dtRegression], bucket: BUCKET, client: storage.client },
    logPredictions: true,
    log: configureLogger({ level: "error" }),
  });
  try {
    const payload = { product_code: "SKU001", orders_placed: 10 };
    const predict = async () => (await app.inject({ method: "POST", url: "/predict", payload })).statusCode;
    let status = await predict();
    // A busy machine's "later" is asked again.
    while (status === 503) {
      await sleep(50);
      status = await predict();
    }
    expect(status).toBe(200);
    const { payload: page } = await app.inject({ method: "GET", url: "/metrics" });
    return [...page.matchAll(/^([a-z_]\w*)[{ ]/gm)].map(([, sample = ""]) => sample);
  } finally {
    await app.close();
  }
}

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
