import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { DeleteObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { CommandBucket } from "../support/command-bucket.js";
import { keyPair } from "../support/signing.js";
import { startTestS3 } from "../support/test-s3.js";
import type { TestS3 } from "../support/test-s3.js";

const NAME = "time-to-dispatch";
const MONDAY = new Date("2021-07-19T14:44:13.558Z");
const TUESDAY = new Date("2021-07-20T14:44:13.558Z");

let s3: TestS3;
let folder: string;
beforeAll(async () => {
  s3 = await startTestS3();
  folder = await mkdtemp(path.join(tmpdir(), "command-"));
});
afterAll(async () => {
  await s3.stop();
  await rm(folder, { recursive: true });
});

/** A bucket with two models. */
async function withModels(): Promise<{ storage: CommandBucket; first: string; second: string }> {
  const storage = await CommandBucket.create(s3);
  const metrics = (r_squared: number) => ({ metadata: { metrics: { r_squared } } });
  const first = await storage.putModel({ creationTime: MONDAY, ...metrics(0.9) });
  const second = await storage.putModel({ creationTime: TUESDAY, offset: 1, ...metrics(0.95) });
  return { storage, first, second };
}

test("tells the night's story: promotes, lists, rolls back and shows who did it", async () => {
  const { storage, first, second } = await withModels();
  const production = ["--alias", "production", "--actor", "alice"];
  const promoted = await storage.run([
    "models",
    "promote",
    "BUCKET",
    NAME,
    first,
    ...production,
    "--reason",
    "first",
  ]);
  expect(promoted).toMatchObject({ code: 0, stderr: "" });
  expect(promoted.stdout).toContain(`model     ${first}\n`);
  await storage.run([
    "models",
    "promote",
    "BUCKET",
    NAME,
    "latest",
    ...production,
    "--reason",
    "the week's training",
  ]);

  const { stdout: listed } = await storage.run(["models", "list", "BUCKET", NAME]);
  const [heads, newest, oldest] = listed.split("\n");
  expect(heads).toMatch(/^KEY +CREATED +TYPE +METRICS +COMMIT +ALIASES +SIGNED BY$/);
  expect(newest).toMatch(
    new RegExp(`^${second} +2021-07-20T14:44:13.558Z +DTRegression +r_squared 0.95 +NA +production$`),
  );
  expect(oldest).toMatch(/DTRegression +r_squared 0.9 +NA$/);

  const back = ["models", "rollback", "BUCKET", NAME, ...production, "--reason", "too high"];
  expect(await storage.runJson(back)).toMatchObject({
    code: 0,
    json: { sequence: 3, model: { key: first } },
  });
  const { json } = await storage.runJson(["models", "history", "BUCKET", NAME, "--alias", "production"]);
  expect(json).toMatchObject([
    { sequence: 3, actor: "alice", reason: "too high", model: { key: first }, previous: { key: second } },
    { sequence: 2, reason: "the week's training", model: { key: second }, carriedOut: true },
    { sequence: 1, reason: "first", model: { key: first } },
  ]);
  const { stdout: history } = await storage.run([
    "models",
    "history",
    "BUCKET",
    NAME,
    "--alias",
    "production",
    "--limit",
    "1",
  ]);
  expect(history).toMatch(
    new RegExp(`^NO +TIME +ACTOR +TO +FROM +REASON\n3 +\\S+Z +alice +${first} +${second} +too high\n$`),
  );
});

test("shows a model by an alias or as the latest, and none of its nodes", async () => {
  const { storage, second } = await withModels();
  await storage.run(["models", "promote", "BUCKET", NAME, second, "--alias", "production", "--reason", "x"]);
  const { stdout, code } = await storage.run(["models", "show", "BUCKET", NAME, "@production"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^key +models\/time-to-dispatch_2021-07-20T14:44:13.558Z.json\n/);
  expect(stdout).toMatch(
    /\naliases +production\nmetrics +r_squared 0.95\nfeatures +product_code \(category\), orders_placed \(number\)\n/,
  );
  const { json } = await storage.runJson(["models", "show", "BUCKET", NAME]);
  expect(json).toMatchObject({
    key: second,
    aliases: ["production"],
    metadata: { metrics: { r_squared: 0.95 } },
  });
  expect(json).not.toHaveProperty("model");
});

describe("models diff", () => {
  test("ends with 3 and shows values and the inputs whose predictions differ most", async () => {
    const { storage, first, second } = await withModels();
    const { code, stdout } = await storage.run(["models", "diff", "BUCKET", NAME, first, "latest"]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/\nmetrics.r_squared +0.9 +0.95\n/);
    expect(stdout).toContain("\nPredictions differ for 55 of 55 inputs, by 1 on average over all.\n");
    expect(stdout).toMatch(/\nproduct_code SKU001, orders_placed 0 +0.5 +1.5 +1\n/);
    const { json } = await storage.runJson(["models", "diff", "BUCKET", NAME, first, second]);
    expect(json).toMatchObject({
      same: false,
      differences: [{ path: "metrics.r_squared", a: 0.9, b: 0.95 }],
    });
  });

  test("ends with 0 for a model and itself", async () => {
    const { storage } = await withModels();
    const { code, stdout } = await storage.run(["models", "diff", "BUCKET", NAME, "latest", "latest"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "Predictions differ for 0 of 55 inputs, by 0 on average over all.\n\nThe models are the same.\n",
    );
  });

  test("compares the columns of the signature by name, and only inputs that both models take", async () => {
    const storage = await CommandBucket.create(s3);
    await storage.putModel({ creationTime: MONDAY, products: ["SKU001", "SKU002"] });
    const a = `models/${NAME}_2021-07-19T14:44:13.558Z.json`;
    await storage.putModel({ creationTime: TUESDAY, products: ["SKU000", "SKU001"] });
    const { json } = await storage.runJson(["models", "diff", "BUCKET", NAME, a, "latest"]);
    expect(json).toMatchObject({
      differences: [
        { path: "features.product_code.categories", a: ["SKU001", "SKU002"], b: ["SKU000", "SKU001"] },
      ],
      predictions: { inputs: 11, different: 11, meanAbsoluteDifference: 10 },
    });
  });
});

describe("models verify", () => {
  test("ends with 0 for a good model, with its dataset's bytes on request", async () => {
    const { storage } = await withModels();
    const { code, stdout } = await storage.run(["models", "verify", "BUCKET", NAME, "--data"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nok +model hash +s3:/);
    expect(stdout).toMatch(
      /\nnot covered +signature +s3:.*the model is unsigned; there is no public key to check it with\n/,
    );
    expect(stdout).toMatch(/\nok +dataset bytes +s3:/);
    expect(stdout).toMatch(/: verified\n$/);
  });

  test("ends with 3 when any byte of a promoted file changed, or it is no model's file", async () => {
    const { storage, second } = await withModels();
    await storage.run([
      "models",
      "promote",
      "BUCKET",
      NAME,
      second,
      "--alias",
      "production",
      "--reason",
      "x",
    ]);
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: storage.bucket, Key: second }));
    await putPlain(s3.client, storage.bucket, second, ` ${(await Body?.transformToString()) ?? ""}`);
    const changed = await storage.run(["models", "verify", "BUCKET", NAME, "@production"]);
    expect(changed).toMatchObject({ code: 3, stderr: "" });
    expect(changed.stdout).toMatch(
      /\nfailed +alias +s3:.*: production records sha256 [0-9a-f]{64}, the file's is [0-9a-f]{64}\n/,
    );
    await putPlain(s3.client, storage.bucket, second, "{}");
    expect(await storage.runJson(["models", "verify", "BUCKET", NAME])).toMatchObject({
      code: 3,
      json: { ok: false, checks: [{ name: "file", status: "failed" }] },
    });
  });

  test("checks signatures by the keys of a file, which models sign makes and renews aliases for", async () => {
    const { storage, first } = await withModels();
    const { publicKey, privateKey } = keyPair();
    const file = path.join(folder, "public-key.pem");
    await writeFile(file, publicKey);
    const verify = ["models", "verify", "BUCKET", NAME, first, "--public-key", file];
    expect((await storage.run(verify)).code).toBe(3);
    await storage.run(["models", "promote", "BUCKET", NAME, first, "--alias", "production", "--reason", "x"]);
    const unkeyed = await storage.run(["models", "sign", "BUCKET", NAME, first]);
    expect(unkeyed).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("MODEL_SIGNING_KEY is not set") as unknown,
    });
    const signed = await storage.run(["models", "sign", "BUCKET", NAME, first], {
      MODEL_SIGNING_KEY: privateKey,
    });
    expect(signed.stdout).toMatch(/: signed by key [0-9a-f]{16}\nrenewed: production\n$/);
    const { stdout, code } = await storage.run(verify);
    expect(stdout).toMatch(/\nok +signature +s3:/);
    expect(stdout).toMatch(/\nok +alias +s3:/);
    expect(code).toBe(0);
    const unsigned = [
      "models",
      "promote",
      "BUCKET",
      NAME,
      "latest",
      "--alias",
      "production",
      "--reason",
      "x",
    ];
    expect(await storage.run(unsigned, { MODEL_PUBLIC_KEYS: publicKey })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("the model is unsigned, expected a signature by key") as unknown,
    });
  });
});

describe("models prune", () => {
  test("shows first, and deletes with --apply what is neither kept nor named", async () => {
    const storage = await CommandBucket.create(s3);
    const keys: string[] = [];
    for (let hour = 10; hour < 15; hour += 1) {
      keys.push(await storage.putModel({ creationTime: new Date(`2021-07-20T${hour}:00:00Z`) }));
    }
    const [oldest = "", second = "", third, fourth, newest] = keys;
    await storage.run([
      "models",
      "promote",
      "BUCKET",
      NAME,
      oldest,
      "--alias",
      "production",
      "--reason",
      "x",
    ]);
    const prune = [
      "models",
      "prune",
      "BUCKET",
      NAME,
      "--newest",
      "1",
      "--keep",
      second,
      "--keep",
      fourth ?? "",
    ];
    const dry = await storage.run(prune);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(
      new RegExp(`\nkeep +${oldest} +production names it; in the log of production \\(1\\)\n`),
    );
    expect(dry.stdout).toMatch(new RegExp(`\ndelete +${third ?? ""} +nothing needs it\n`));
    expect(dry.stdout).toContain(
      "4 models stay, 1 would be deleted.\nKeys that services pin by --model-key are unknown",
    );
    const { stdout } = await storage.run([...prune, "--apply"]);
    expect(stdout).toContain(`deleted ${third ?? ""}\n4 models stay, 1 were deleted.\n`);
    const { json } = await storage.runJson(["models", "list", "BUCKET", NAME]);
    expect(json).toMatchObject([{ key: newest }, { key: fourth }, { key: second }, { key: oldest }]);
  });
});

test("renders a model's card to standard output or to a file", async () => {
  const { storage, first, second } = await withModels();
  const printed = await storage.run(["models", "card", "BUCKET", NAME, first]);
  expect(printed).toMatchObject({ code: 0, stderr: "" });
  expect(printed.stdout).toContain(`<dd>s3://${storage.bucket}/${first}</dd>`);
  const file = path.join(folder, "card.html");
  const { code, stdout } = await storage.run(["models", "card", "BUCKET", NAME, "--output", file]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `wrote ${file}\n` });
  const html = await readFile(file, "utf8");
  expect(html).toContain(`<dd>s3://${storage.bucket}/${second}</dd>`);
  // A tree's curves need its class.
  expect(html).toContain("Prediction against orders placed, product code SKU005");
  const there = path.join(folder, "missing", "card.html");
  expect(await storage.run(["models", "card", "BUCKET", NAME, "--output", there])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`--output is "${there}": ENOENT`) as unknown,
  });
});

describe("predictions trace", () => {
  const answerOf = (key: string, hash: string, datasetHash: string): string =>
    [
      "HTTP/1.1 200 OK",
      ...(key === "" ? [] : [`x-model-key: ${key}`]),
      "",
      JSON.stringify({
        est_hours_to_dispatch: 0.65,
        model_version:
          `name:${NAME}|model_type:DTRegression|model_timestamp:2021-07-20T14:44:13.558Z|model_hash:${hash}|` +
          `train_dataset_key:datasets/time_to_dispatch_2021-07-03T23:05:32.csv|train_dataset_hash:${datasetHash}|pipeline_git_commit_hash:NA`,
      }),
    ].join("\r\n");

  test("goes from an answer to its model, dataset and commit, by the key or else by name and time", async () => {
    const { storage, second } = await withModels();
    const { json } = await storage.runJson(["models", "show", "BUCKET", NAME, second]);
    const { modelHash } = json as { modelHash: string };
    const file = path.join(folder, "answer.txt");
    for (const key of [second, ""]) {
      await writeFile(file, answerOf(key, modelHash, storage.dataset.hash));
      const { code, stdout, stderr } = await storage.run(["predictions", "trace", "BUCKET", file]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(new RegExp(`^prediction +est_hours_to_dispatch 0.65\nmodel +${second}\n`));
      expect(stdout).toMatch(/\nok +answer +s3:.*: model_version is that of the file\n/);
    }
    // Another form of the same time.
    const copy = `models/${NAME}_2021-07-20T16:44:13.558+02:00.json`;
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: storage.bucket, Key: second }));
    await putPlain(s3.client, storage.bucket, copy, await Body?.transformToString());
    const { stdout } = await storage.run(["predictions", "trace", "BUCKET", file]);
    expect(stdout).toContain("2 models have this name and time:\n");
    expect(stdout).toContain(copy);
  });

  test("ends with 3 when the answer names another hash, and with 2 when the model is gone", async () => {
    const { storage, second } = await withModels();
    const file = path.join(folder, "other.txt");
    await writeFile(file, answerOf("", "0".repeat(32), storage.dataset.hash));
    const { code, stdout } = await storage.run(["predictions", "trace", "BUCKET", file]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/\nfailed +answer +s3:.*: hash is [0-9a-f]{32}, the answer says 0{32}\n/);
    await s3.client.send(new DeleteObjectCommand({ Bucket: storage.bucket, Key: second }));
    expect(await storage.run(["predictions", "trace", "BUCKET", file])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        `no model is named "${NAME}" and dated 2021-07-20T14:44:13.558Z`,
      ) as unknown,
    });
    await writeFile(file, "nothing");
    expect(await storage.run(["predictions", "trace", "BUCKET", file])).toMatchObject({ code: 2 });
  });
});
