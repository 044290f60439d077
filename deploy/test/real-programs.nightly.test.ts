import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { getAlias } from "@ml-pipelines/pipeline-utils/aws";
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
import type { PodCommand } from "./support/fake-cluster/pod-command.js";
import { at, isJsonObject, text } from "./support/kube-object.js";
import { describeWithKubectl } from "./support/kubectl.js";
import { deploy } from "./support/run-deploy.js";

const BUCKET = "bodywork-time-to-dispatch-staging";
const NAME = "time-to-dispatch";
const NAMESPACE = "time-to-dispatch-staging";

/** The program of a pod's container, run where the test runs. */
function startProgram(app: string, { command, args, env }: PodCommand, more: string[] = []) {
  const main = path.join(import.meta.dirname, "../../apps", app, command.at(-1) ?? "dist/main.js");
  if (!existsSync(main)) {
    throw new Error(`${main} is not there: run \`npm run build\` first`);
  }
  return spawn(process.execPath, [main, ...args, ...more], {
    env: { PATH: process.env.PATH, ...env, ...storage, LOG_LEVEL: "INFO", NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

let storage: Record<string, string> = {};

/** A Job of the training's image: a training, or a roll-back. */
async function runJob(command: PodCommand) {
  const child = startProgram("time-to-dispatch-train", command);
  const [log] = await Promise.all([readText(child.stdout), once(child, "close")]);
  return { exitCode: child.exitCode ?? 137, log };
}

/** The one pod of the service: it runs from the roll-out that made it ready until the next one is. */
class ServicePod {
  url = "";
  log = "";
  #child: ChildProcess | undefined;

  /** As the readiness probe has it: /readyz answers 200 before the program ends. */
  async becomesReady(command: PodCommand): Promise<boolean> {
    const arguments_ = ["--host=127.0.0.1", "--port=0", "--poll-seconds=0.2"];
    const child = startProgram("time-to-dispatch-serve", command, arguments_);
    let log = "";
    const ended = once(child, "exit");
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      log += chunk;
      if (this.#child === child) {
        this.log = log;
      }
    });
    while (child.exitCode === null) {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(log)?.[0];
      if (url !== undefined && (await fetch(`${url}/readyz`)).ok) {
        this.stop();
        this.#child = child;
        Object.assign(this, { url, log });
        return true;
      }
      await Promise.race([sleep(50), ended]);
    }
    return false;
  }

  stop(): void {
    this.#child?.kill("SIGKILL");
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
  const pod = new ServicePod();

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
    const serve = async (command: PodCommand) => pod.becomesReady(command);
    cluster = await startFakeCluster({ train: runJob, serve, serveLog: () => pod.log });
  });
  afterAll(async () => {
    pod.stop();
    await cluster.stop();
    await s3.stop();
  });

  const production = async () => getAlias(BUCKET, NAME, "production");
  const startJob = (cronJob: string): void => {
    const spec = at(cluster.store.get("CronJob", NAMESPACE, cronJob), "spec", "jobTemplate", "spec");
    if (!isJsonObject(spec)) {
      throw new Error(`cronjob/${cronJob} has no template of a Job`);
    }
    const metadata = { name: `${cronJob}-by-hand`, namespace: NAMESPACE };
    cluster.store.put({ apiVersion: "batch/v1", kind: "Job", metadata, spec });
  };

  test("trains, promotes and serves, and rolls the model back when its file is damaged", async () => {
    const first = await deploy(cluster, ["staging"]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    const key = /Released: (models\/time-to-dispatch_\S+\.json)/.exec(first.stdout)?.[1] ?? "";
    expect(await production()).toMatchObject({ sequence: 1, model: { key } });

    cluster.behaviour.train = async (command) => {
      const result = await runJob(command);
      const damaged = /Promoted: \S+ names s3:\/\/[^/]+\/models\/(\S+\.json)/.exec(result.log)?.[1];
      if (damaged !== undefined) {
        const model = Buffer.from('{"format": "pipeline-utils/model", "formatVersion": 1}');
        await putObjectToS3(model, { bucket: BUCKET, folder: "models", filename: damaged, overwrite: true });
      }
      return result;
    };
    const second = await deploy(cluster, ["staging"], { ROLLOUT_TIMEOUT: "5" });
    expect(second.stderr).toMatch(/did not follow production to sequence 2/);
    expect(second.code).toBe(6);
    expect(await production()).toMatchObject({ sequence: 3, model: { key } });
    expect((await predict(pod.url))[0]).toBe(200);
  });

  test("serves what the schedule trains, and the model before again by one Job, with no failed request", async () => {
    cluster.behaviour.train = runJob;
    await deploy(cluster, ["staging"]);
    const answers = [await predict(pod.url)];
    const [, before] = answers[0] ?? [];
    // As the CronJob's controller does on Friday.
    startJob("train-model");
    while (answers.at(-1)?.[1] === before) {
      answers.push(await predict(pod.url));
    }
    const newest = await findLatestArtefactOnS3("json", BUCKET, { folder: "models" });
    expect(answers.at(-1)?.[1]).toContain(`model_timestamp:${newest.timestamp.toISOString()}`);
    // As an operator does at night.
    startJob("roll-back-model");
    while (answers.at(-1)?.[1] !== before) {
      answers.push(await predict(pod.url));
    }
    expect(answers.filter(([status]) => status !== 200)).toEqual([]);
  });
});
