import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { text as readText } from "node:stream/consumers";
import {
  findLatestArtefactOnS3,
  putCsvDatasetToS3,
  putObjectToS3,
  readCsv,
} from "@ml-pipelines/pipeline-utils";
import { TestStorage } from "@ml-pipelines/test-support/test-storage";
import { sampleDataset } from "../../scripts/sample-dataset.mjs";
import type { FakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { startFakeCluster } from "./support/fake-cluster/fake-cluster.js";
import { podCommand } from "./support/fake-cluster/pod-command.js";
import type { PodCommand } from "./support/fake-cluster/pod-command.js";
import { at, isJsonObject, text } from "./support/kube-object.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { deploy } from "./support/run-deploy.js";

const BUCKET = "bodywork-time-to-dispatch-staging";
const NAMESPACE = "time-to-dispatch-staging";

/** The image's entry point, run where the test runs. */
function startProgram(app: string, { args, env }: PodCommand, more: string[] = []) {
  const main = path.join(import.meta.dirname, "../../apps", app, "dist/main.js");
  if (!existsSync(main)) {
    throw new Error(`${main} is not there: run \`npm run build\` first`);
  }
  return spawn(process.execPath, [main, ...args, ...more], {
    env: { PATH: process.env.PATH, ...env, ...storage, LOG_LEVEL: "INFO", NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

let storage: Record<string, string> = {};

async function train(command: PodCommand) {
  const child = startProgram("time-to-dispatch-train", command);
  const [log] = await Promise.all([readText(child.stdout), once(child, "close")]);
  return { exitCode: child.exitCode ?? 137, log };
}

/** @returns The service's address once it listens; undefined if the program ends first. */
async function startService(command: PodCommand) {
  const child = startProgram("time-to-dispatch-serve", command, [
    "--host=127.0.0.1",
    "--port=0",
    "--poll-seconds=0.2",
  ]);
  let log = "";
  for await (const chunk of child.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    log += String(chunk);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(log)?.[0];
    if (url === undefined) {
      continue;
    }
    child.stdout.resume();
    return { child, url };
  }
  return { child, url: undefined };
}

/** As the readiness probe has it: /readyz answers 200 before the program ends. */
async function becomesReady(command: PodCommand): Promise<boolean> {
  const { child, url } = await startService(command);
  try {
    return url !== undefined && (await fetch(`${url}/readyz`)).ok;
  } finally {
    child.kill("SIGKILL");
  }
}

/** @returns The status of a prediction, and the model that made it. A busy machine's "later" is asked again. */
async function predict(url: string): Promise<[number, string]> {
  const response = await fetch(`${url}/api/v0.1/time_to_dispatch`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ product_code: "SKU001", orders_placed: 10 }),
  });
  const answer: unknown = await response.json();
  if (text(at(answer, "detail")).includes("too busy")) {
    return predict(url);
  }
  return [response.status, text(at(answer, "model_version"))];
}

describeWithKubectl("deploy.sh with the real programs and a real bucket", () => {
  let s3: TestStorage;
  let cluster: FakeCluster;
  const podTemplate = () => at(cluster.store.get("Deployment", NAMESPACE, "serve-model"), "spec", "template");
  const servingArgs = () => at(podTemplate(), "spec", "containers", 0, "args");

  beforeAll(async () => {
    s3 = await TestStorage.start([BUCKET]);
    storage = s3.environment;
    Object.assign(process.env, storage);
    await putCsvDatasetToS3(await readCsv(Readable.from([Buffer.from(sampleDataset())])), {
      filenamePrefix: "time_to_dispatch",
      refDatetime: new Date("2026-11-20T20:00:00Z"),
      bucket: BUCKET,
      folder: "datasets",
    });
    cluster = await startFakeCluster({ train, serve: becomesReady });
  });
  afterAll(async () => {
    await cluster.stop();
    await s3.stop();
  });

  test("trains, serves, and rolls back when a model is damaged", async () => {
    const first = await deploy(cluster, ["staging"]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const key = /Released: (models\/time-to-dispatch_\S+\.json)/.exec(first.stdout)?.[1] ?? "";
    expect(key).not.toBe("");
    expect(servingArgs()).toEqual(["$(S3_BUCKET)"]);

    cluster.behaviour.train = async (command) => {
      const result = await train(command);
      const damaged = new RegExp(`s3://${BUCKET}/models/(\\S+\\.json)`).exec(result.log)?.[1] ?? "";
      const model = Buffer.from('{"format": "pipeline-utils/model", "formatVersion": 1}');
      await putObjectToS3(model, { bucket: BUCKET, folder: "models", filename: damaged, overwrite: true });
      return result;
    };
    const second = await deploy(cluster, ["staging"]);
    expect(second.code).toBe(6);
    expect(servingArgs()).toEqual(["$(S3_BUCKET)"]);
  });

  test("serves what the schedule trains in the running pods, with no failed request", async () => {
    cluster.behaviour.train = train;
    await deploy(cluster, ["staging"]);
    const { child, url = "" } = await startService(podCommand(podTemplate(), NAMESPACE, cluster.store));
    try {
      const answers = [await predict(url)];
      // As the CronJob's controller does on Friday.
      const spec = at(cluster.store.get("CronJob", NAMESPACE, "train-model"), "spec", "jobTemplate", "spec");
      if (!isJsonObject(spec)) {
        throw new Error("cronjob/train-model has no template of a Job");
      }
      const metadata = { name: "train-model-friday", namespace: NAMESPACE };
      cluster.store.put({ apiVersion: "batch/v1", kind: "Job", metadata, spec });
      while (answers.at(-1)?.[1] === answers[0]?.[1]) {
        answers.push(await predict(url));
      }
      expect(answers.filter(([status]) => status !== 200)).toEqual([]);
      const newest = await findLatestArtefactOnS3("json", BUCKET, { folder: "models" });
      expect(answers.at(-1)?.[1]).toContain(`model_timestamp:${newest.timestamp.toISOString()}`);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
