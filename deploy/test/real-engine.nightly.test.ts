import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { putCsvDatasetToS3, readCsv } from "@ml-pipelines/pipeline-utils";
import { TestStorage } from "@ml-pipelines/test-support/test-storage";
import { halfSentBodies } from "../../apps/time-to-dispatch-serve/bench/support/attacks.mjs";
import { sampleDataset } from "../../scripts/sample-dataset.mjs";
import { ContainerEngine, describeWithEngine, playable } from "./support/engine/container-engine.js";
import { ObjectStore } from "./support/fake-cluster/object-store.js";
import { podCommand } from "./support/fake-cluster/pod-command.js";
import { at, text } from "./support/kube-object.js";
import type { KubeObject } from "./support/kube-object.js";
import { parseManifests } from "./support/manifests/parse-manifests.js";
import { renderOverlay } from "./support/manifests/render-overlay.js";

const BUCKET = "bodywork-time-to-dispatch-staging";
const NAMESPACE = "time-to-dispatch-staging";
const URL = "http://127.0.0.1:8000";
const MINUTES = 60_000;
const context = path.join(import.meta.dirname, "../..");

const store = new ObjectStore();
let engine: ContainerEngine;
let s3: TestStorage;

const figure = (line: string) => process.stdout.write(`${line}\n`);
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);

/** A workload of the staging overlay under its own settings, with the ConfigMap it reads. */
function workloadOf(kind: "CronJob" | "Deployment", name: string): KubeObject[] {
  const object = store.get(kind, NAMESPACE, name);
  const [config] = store.list("ConfigMap", NAMESPACE);
  if (object === undefined || config === undefined) {
    throw new Error(`the overlay has no ${kind} ${name}, or no ConfigMap`);
  }
  const isJob = kind === "CronJob";
  const template = isJob
    ? at(object, "spec", "jobTemplate", "spec", "template")
    : at(object, "spec", "template");
  const image = `localhost/time-to-dispatch-${isJob ? "train" : "serve"}:latest`;
  const command = { args: podCommand(template, NAMESPACE, store).args, env: s3.environment };
  const spec = playable(template, image, command);
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name }, spec };
  const workload = isJob
    ? pod
    : { ...object, spec: { ...object.spec, template: { ...pod, kind: undefined, spec } } };
  return [config, workload];
}

async function putDataset(refDatetime: Date): Promise<void> {
  const table = await readCsv(Readable.from([Buffer.from(sampleDataset())]));
  const settings = { filenamePrefix: "time_to_dispatch", bucket: BUCKET, folder: "datasets", refDatetime };
  await putCsvDatasetToS3(table, settings);
}

/** Run the CronJob's container to its end. */
async function train(): Promise<{ exitCode: number; log: string }> {
  const container = await engine.play(workloadOf("CronJob", "train-model"));
  const exitCode = await engine.ended(container);
  const log = await engine.log(container);
  await engine.remove("train-model");
  return { exitCode, log };
}

/** @returns The status, and the model that answered. */
async function predict(): Promise<[number, string]> {
  const response = await fetch(`${URL}/api/v0.1/time_to_dispatch`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ product_code: "SKU001", orders_placed: 10 }),
  });
  return [response.status, text(at(await response.json(), "model_version"))];
}

async function statusOf(route: string): Promise<number> {
  return fetch(URL + route).then(
    ({ status }) => status,
    () => 0,
  );
}

async function untilStatus(route: string, expected: number): Promise<void> {
  while ((await statusOf(route)) !== expected) {
    await sleep(20);
  }
}

describeWithEngine("the images in a container engine", () => {
  let service = "";

  beforeAll(async () => {
    parseManifests(renderOverlay("staging")).forEach((object) => store.put(object));
    s3 = await TestStorage.start([BUCKET]);
    Object.assign(process.env, s3.environment);
    engine = await ContainerEngine.start();
    const dockerfile = readFileSync(path.join(context, "Dockerfile"), "utf8");
    const [, base = "", version = ""] = /^FROM (node:([\d.]+)-\S+)/m.exec(dockerfile) ?? [];
    await engine.makeBaseImage(base, version);
    const baseSize = await engine.imageSize(base);
    for (const app of ["time-to-dispatch-train", "time-to-dispatch-serve"]) {
      await engine.build(context, app, { APP: app, GIT_COMMIT_HASH: "0123456789abcdef" });
      const size = await engine.imageSize(`localhost/${app}`);
      figure(`image ${app}: ${megabytes(size)} MB, ${megabytes(size - baseSize)} over its base`);
    }
  }, 20 * MINUTES);
  afterAll(async () => {
    await engine.stop();
    await s3.stop();
  }, MINUTES);

  test("runs the Deployment with the rights and the memory that its manifest grants", async () => {
    const begin = performance.now();
    service = await engine.play(workloadOf("Deployment", "serve-model"));
    await untilStatus("/healthz", 200);
    figure(`start of the service: ${(performance.now() - begin).toFixed(0)} ms until /healthz answers`);

    expect(await statusOf("/readyz")).toBe(503);
    const status = await engine.processStatus(service);
    expect(status.get("Uid")).toMatch(/^1000\b/);
    expect(status.get("Gid")).toMatch(/^1000\b/);
    expect(status.get("CapEff")).toMatch(/^0+$/);
    expect(status.get("NoNewPrivs")).toBe("1");
    const { limit, peak } = await engine.memory(service);
    expect(limit).toBe(256 * 2 ** 20);
    figure(`memory of the service without a model: ${megabytes(peak)} MB of ${megabytes(limit)}`);
    // Everybody may write there, were it not for the read-only file system.
    await expect(engine.execute(service, "touch", "/var/tmp/x")).rejects.toThrow("Read-only file system");
    await engine.execute(service, "touch", "/tmp/x");
  });

  test("trains by the CronJob's container, and serves its model in the container that waits", async () => {
    await putDataset(new Date("2026-11-20T20:00:00Z"));
    const { exitCode, log } = await train();
    expect({ exitCode, log }).toMatchObject({
      exitCode: 0,
      log: expect.stringContaining("models/time-to-dispatch"),
    });
    await untilStatus("/readyz", 200);
    expect(await predict()).toEqual([200, expect.stringContaining("model_timestamp:")]);
  });

  test("swaps to the next model with no failed request", async () => {
    await putDataset(new Date("2026-11-27T20:00:00Z"));
    const answers = [await predict()];
    const training = train();
    while (answers.at(-1)?.[1] === answers[0]?.[1]) {
      answers.push(await predict());
      await sleep(5);
    }
    expect((await training).exitCode).toBe(0);
    expect(answers.filter(([status]) => status !== 200)).toEqual([]);
  });

  test("answers predictions beside 250 half-sent bodies, within its memory", async () => {
    const over = new AbortController();
    const attack = halfSentBodies(8000, 250, 5).finally(() => {
      over.abort();
    });
    const statuses = new Set<number>();
    while (!over.signal.aborted) {
      const [status] = await predict();
      statuses.add(status);
    }
    await attack;
    expect([...statuses]).toEqual([200]);
    const { limit, peak } = await engine.memory(service);
    expect(peak).toBeLessThan(limit);
    figure(`memory of the service beside 250 half-sent bodies: ${megabytes(peak)} MB of ${megabytes(limit)}`);
    // One start: nothing killed it.
    expect((await engine.log(service)).split("Listening on")).toHaveLength(2);
  });

  test("stops at SIGTERM with exit code 0", async () => {
    const begin = performance.now();
    expect(await engine.end(service)).toBe(0);
    figure(`stop of the service: ${(performance.now() - begin).toFixed(0)} ms`);
  });
});
