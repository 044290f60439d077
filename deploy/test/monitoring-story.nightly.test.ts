import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { putCsvDatasetToS3, readCsv } from "@ml-pipelines/pipeline-utils";
import { post } from "@ml-pipelines/test-support/post";
import { runChild } from "@ml-pipelines/test-support/run-child";
import { ServerProgram } from "@ml-pipelines/test-support/server-program";
import { TestStorage } from "@ml-pipelines/test-support/test-storage";
import { sampleDataset } from "../../scripts/sample-dataset.mjs";
import { at, list, text } from "./support/kube-object.js";
import { KubeStateMetrics } from "./support/kube-state-metrics.js";
import { describeWithPrometheus, NAMESPACE, Prometheus } from "./support/prometheus.js";

const BUCKET = "story";
const deployFolder = path.join(import.meta.dirname, "..");
const programOf = (app: string) => path.join(deployFolder, "../apps", app, "dist/main.js");
const read = (name: string) => readFileSync(path.join(deployFolder, "monitoring", name), "utf8");
const dashboard: unknown = JSON.parse(read("dashboard.json"));

/** A day of the rules lasts so many seconds. */
const DAY_SECONDS = 8;

/** All expressions of the dashboard, with Grafana's variables filled in. */
const QUERIES = list(at(dashboard, "panels")).flatMap((panel) =>
  list(at(panel, "targets")).map((target) =>
    text(at(target, "expr")).replaceAll("$namespace", NAMESPACE).replaceAll("$__rate_interval", "10s"),
  ),
);
describeWithPrometheus("a service that two replicas and a real Prometheus watch", () => {
  let storage: TestStorage;
  let replicas: ServerProgram[] = [];
  let addresses: string[] = [];
  let cluster: KubeStateMetrics;
  let prometheus: Prometheus;
  let begin = 0;

  beforeAll(async () => {
    storage = await TestStorage.start([BUCKET]);
    begin = Date.now();
    const table = await readCsv(Readable.from([Buffer.from(sampleDataset())]));
    const dataset = { bucket: BUCKET, folder: "datasets", filenamePrefix: "time_to_dispatch" };
    await putCsvDatasetToS3(table, { ...dataset, refDatetime: new Date(begin), client: storage.client });
    const env = { ...storage.environment, GIT_COMMIT_HASH: "0123456789abcdef" };
    const { code, stdout } = await runChild(programOf("time-to-dispatch-train"), [BUCKET, "0.8", "0.9"], {
      env,
    });
    expect({ code, stdout }).toMatchObject({ code: 0 });
    const argv = [BUCKET, "--host=127.0.0.1", "--port=0", "--log-predictions"];
    replicas = [0, 1].map(() => new ServerProgram(programOf("time-to-dispatch-serve"), argv, env));
    addresses = await Promise.all(replicas.map((replica) => replica.listening()));
    // The one substitution: a day lasts eight seconds.
    const rules = read("rules.yaml").replaceAll(/\b1d\b|\b86400\b/g, (day) =>
      day === "1d" ? `${DAY_SECONDS}s` : String(DAY_SECONDS),
    );
    cluster = new KubeStateMetrics();
    const services = addresses.map((address) => new URL(address).host);
    prometheus = await Prometheus.start(rules, [...services, await cluster.start()]);
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await prometheus.stop();
    await cluster.stop();
    await storage.stop();
  });

  /** Ask for orders as in the training data, spread over both replicas, until something is so. */
  async function send(scale: number, isOver: () => Promise<boolean> | boolean): Promise<void> {
    while (!(await isOver())) {
      await Promise.all(Array.from({ length: 100 }, (_, request) => predict(request, scale)));
      await sleep(200);
    }
  }

  async function predict(request: number, scale: number): Promise<void> {
    const orders = Math.ceil((1 + Math.floor(Math.random() * 200)) * scale);
    const product = `SKU00${1 + Math.floor(Math.random() * 5)}`;
    const body = JSON.stringify({ product_code: product, orders_placed: orders });
    const address = addresses[request % addresses.length] ?? "";
    const { status } = await post(`${address}/api/v0.1/time_to_dispatch`, body);
    expect(status).toBe(200);
  }

  const isFiring = async (alert: string) => (await prometheus.firing()).includes(alert);

  test("is silent while orders are like those of the training", async () => {
    // A batch of one product is no drift, however many rows it has.
    const batch = Array.from({ length: 1_000 }, () => ({ product_code: "SKU001", orders_placed: 200 }));
    await post(`${addresses[0] ?? ""}/api/v0.1/time_to_dispatch/batch`, JSON.stringify(batch));
    const fired = new Set<string>();
    const end = Date.now() + 3 * DAY_SECONDS * 1_000;
    await send(1, async () => {
      (await prometheus.firing()).forEach((alert) => fired.add(alert));
      return Date.now() > end;
    });
    expect([...fired]).toEqual([]);
    const [rows] = await prometheus.query('model:input_rows:increase1d{feature="orders_placed"}');
    expect(Number(at(rows, "value", 1))).toBeGreaterThan(1_000);
  });

  test.each(QUERIES)("shows data for %s", async (query) => {
    const values = (await prometheus.query(query)).map((sample) => text(at(sample, "value", 1)));
    expect(values).not.toEqual([]);
    expect(values).not.toContain("NaN");
  });

  test("tells of orders that are a quarter larger, within a day", async () => {
    await send(1.25, async () => isFiring("InputDrift"));
    expect(await isFiring("InputDrift")).toBe(true);
  });

  test("tells of data that does not come", async () => {
    while (!(await isFiring("DatasetOld"))) {
      await sleep(500);
    }
    expect(Date.now() - begin).toBeGreaterThan(16 * DAY_SECONDS * 1_000);
  });
});
