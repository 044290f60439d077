import { fileURLToPath } from "node:url";
import { DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { promoteModel, rollBackModel } from "@ml-pipelines/pipeline-utils/aws";
import type { Alias } from "@ml-pipelines/pipeline-utils/aws";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";
import { post } from "@ml-pipelines/test-support/post";
import { runChild } from "@ml-pipelines/test-support/run-child";
import { Programs } from "./support/programs.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

const NAME = "time-to-dispatch";
const COMMAND = fileURLToPath(new URL("../../pipeline-utils/dist/command/main.js", import.meta.url));
const ADDRESS = `s3://${BUCKET}/registry/${NAME}/production.json`;

let storage: ModelStorage;
const started: TestApp[] = [];
beforeEach(async () => {
  storage = await ModelStorage.start();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop()));
  await storage.stop();
});

async function start(alias = "production"): Promise<TestApp> {
  const service = await startTestApp({ storage, alias });
  started.push(service);
  return service;
}

/** Put a model that predicts `offset` more hours than the first one; its key. */
async function putModel(offset: number, name = NAME): Promise<string> {
  const key = "datasets/orders_2021-07-03.csv";
  const { ETag = "" } = await storage.client.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: "hours\n1\n" }),
  );
  const trainDataset = { bucket: BUCKET, key, hash: ETag.replaceAll('"', "") };
  return storage.putModel({
    name,
    offset,
    creationTime: new Date(Date.UTC(2026, 0, 1 + offset)),
    trainDataset,
  });
}

const decision = (reason: string) => ({
  alias: "production",
  reason,
  actor: "alice",
  client: storage.client,
});
const promote = async (key: string): Promise<Alias> => promoteModel(BUCKET, NAME, key, decision("a test"));

async function hours(service: TestApp): Promise<unknown> {
  const response = await service.post("/api/v0.1/time_to_dispatch", {
    product_code: "SKU001",
    orders_placed: 1,
  });
  return response.json<{ est_hours_to_dispatch?: unknown }>().est_hours_to_dispatch;
}

/** Name the requests that storage gets from now on. */
function watchRequests(): string[] {
  const requests: string[] = [];
  storage.client.middlewareStack.add(
    (next, { commandName = "" }) =>
      (request) => {
        requests.push(commandName);
        return next(request);
      },
    { step: "initialize", name: "watch", override: true },
  );
  return requests;
}

describe("a service that follows an alias", () => {
  test("waits for the first promotion, and follows a promotion and a roll-back on all replicas", async () => {
    const [first, second] = [await putModel(0), await putModel(1)];
    const replicas = [await start(), await start()];
    for (const service of replicas) {
      expect(await service.refresh()).toBe("none");
      expect(await service.refresh()).toBe("none");
      expect(service.lines).toEqual([`WARNING There is no alias ${ADDRESS} - waiting for one, not ready`]);
      const waiting = await service.get("/readyz");
      expect([waiting.statusCode, waiting.json()]).toMatchObject([503, { looking_in: ADDRESS }]);
    }
    await promote(first);
    for (const service of replicas) {
      expect(await service.refresh()).toBe("loaded");
      expect(await hours(service)).toBe(0.5);
      expect(service.lines).toContain(
        `INFO Following alias production: sequence 1, ${first}, by alice: a test`,
      );
    }
    await promote(second);
    for (const service of replicas) {
      expect(await service.refresh()).toBe("loaded");
      expect(await hours(service)).toBe(1.5);
    }
    await rollBackModel(BUCKET, NAME, decision("it is worse"));
    for (const service of replicas) {
      expect(await service.refresh()).toBe("loaded");
      expect(await hours(service)).toBe(0.5);
      const ready = await service.get("/readyz");
      expect(ready.headers["x-model-key"]).toBe(encodeURI(first));
      expect(ready.json()).toMatchObject({
        status: "ready",
        alias: { name: "production", sequence: 3, model_key: first },
      });
      expect((await service.get("/metrics")).body).toContain(
        `model_alias_sequence{alias="production",model_key="${first}"} 3\n`,
      );
    }
  });

  test("asks one conditional request a look while the alias does not move, and lists nothing", async () => {
    await promote(await putModel(0));
    const service = await start();
    await service.refresh();
    const requests = watchRequests();
    expect([await service.refresh(), await service.refresh()]).toEqual(["unchanged", "unchanged"]);
    expect(requests).toEqual(["GetObjectCommand", "GetObjectCommand"]);
    await putModel(1);
    expect(await service.refresh()).toBe("unchanged");
    expect(await hours(service)).toBe(0.5);
  });

  test("tells the new sequence when the alias returns to the served model between two looks", async () => {
    const [first, second] = [await putModel(0), await putModel(1)];
    await promote(first);
    const service = await start();
    await service.refresh();
    await promote(second);
    await rollBackModel(BUCKET, NAME, decision("a mistake"));
    expect(await service.refresh()).toBe("unchanged");
    expect(service.holder.alias).toEqual({ name: "production", sequence: 3, key: first });
  });

  test.each<[string, (key: string) => Promise<unknown>, RegExp]>([
    ["deleted", (Key) => storage.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key })), /no such/i],
    [
      "replaced by another good model",
      async (Key) => {
        const Body = await storage.read(await putModel(5));
        await storage.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
      },
      /its sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}/,
    ],
    [
      "written anew with one more space",
      async (Key) => {
        const Body = `${await storage.read(Key)} `;
        await storage.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
      },
      /its sha256 is/,
    ],
  ])(
    "keeps the last good model when the file that the alias names is %s, until it is there again",
    async (_name, harm, reason) => {
      await promote(await putModel(0));
      const service = await start();
      await service.refresh();
      const bad = await putModel(1);
      const bytes = await storage.read(bad);
      await promote(bad);
      await harm(bad);
      service.lines.length = 0;
      expect(await service.refresh()).toBe("refused");
      expect(await service.refresh()).toBe("unchanged");
      expect(service.lines).toEqual([expect.stringMatching(reason)]);
      expect(service.lines[0]).toMatch(
        /^ERROR Refused the model of alias production - s3:.* - still serving s3:.*2026-01-01/,
      );
      expect(await hours(service)).toBe(0.5);
      const ready = await service.get("/readyz");
      expect([ready.statusCode, ready.json()]).toMatchObject([
        200,
        { alias: { sequence: 1 }, refused_model: `s3://${BUCKET}/${bad}` },
      ]);
      expect((await service.get("/metrics")).body).toContain("model_refused 1\n");

      await storage.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: bad, Body: bytes }));
      expect(await service.refresh()).toBe("loaded");
      expect(await hours(service)).toBe(1.5);
      expect((await service.get("/metrics")).body).toContain("model_refused 0\n");
    },
  );

  test("loads the version that the alias names after its key was overwritten", async () => {
    await storage.client.send(
      new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: "Enabled" } }),
    );
    const key = await putModel(0);
    await promote(key);
    await storage.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: "{}" }));
    const service = await start();
    expect(await service.refresh()).toBe("loaded");
    expect(await hours(service)).toBe(0.5);
  });

  test("refuses an unsigned model where it has public keys, and reads it once", async () => {
    await promote(await putModel(0));
    const service = await start();
    await service.refresh();
    await promote(await putModel(1));
    process.env.MODEL_PUBLIC_KEYS = PUBLIC_KEY;
    try {
      const requests = watchRequests();
      expect(await service.refresh()).toBe("refused");
      expect(await service.refresh()).toBe("unchanged");
      // Each look reads the alias, the first one the model as well.
      expect(requests).toHaveLength(3);
    } finally {
      delete process.env.MODEL_PUBLIC_KEYS;
    }
    expect(service.lines.at(-1)).toMatch(
      /the model is unsigned, expected a signature by key .*still serving/,
    );
    expect(service.holder.alias).toMatchObject({ sequence: 1 });
  });

  test("refuses a model of another name, and an alias that is no alias", async () => {
    const good = await promote(await putModel(0));
    const service = await start();
    await service.refresh();
    const other = await putModel(1, "my-experiment");
    const put = (Body: string) =>
      storage.client.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: `registry/${NAME}/production.json`, Body }),
      );
    const text = await storage.read(`registry/${NAME}/production.json`);
    const { sha256 } = await promoteModel(BUCKET, "my-experiment", other, decision("another")).then(
      ({ model }) => model,
    );
    await put(text.replace(good.model.key, other).replace(good.model.sha256, sha256));
    expect(await service.refresh()).toBe("refused");
    expect(service.lines.at(-1)).toContain(`the model's name is "my-experiment"`);
    await put("{}");
    expect(await service.refresh()).toBe("refused");
    expect(await service.refresh()).toBe("unchanged");
    expect(service.lines.at(-1)).toContain(`${ADDRESS}: format missing`);
    expect(await hours(service)).toBe(0.5);
    await put(text);
    expect(await service.refresh()).toBe("unchanged");
    expect(service.holder.refusal).toBeUndefined();
  });

  test("keeps its model when the alias is deleted", async () => {
    await promote(await putModel(0));
    const service = await start();
    await service.refresh();
    await storage.client.send(
      new DeleteObjectCommand({ Bucket: BUCKET, Key: `registry/${NAME}/production.json` }),
    );
    expect(await service.refresh()).toBe("none");
    expect(service.lines.at(-1)).toMatch(`WARNING There is no alias ${ADDRESS} - still serving s3:`);
    expect(await hours(service)).toBe(0.5);
  });
});

describe("a service of two replicas at night", () => {
  const programs: Programs[] = [];
  afterEach(() => Promise.all(programs.splice(0).map((each) => each.stop())));

  /** Post to both replicas until it is ended; the answers, as `status hours`, each once. */
  function startClient(addresses: readonly string[]): () => Promise<ReadonlySet<string>> {
    const answers = new Set<string>();
    let isOver = false;
    const clients = addresses.map(async (address) => {
      while (!isOver) {
        const response = await post(
          `${address}/api/v0.1/time_to_dispatch`,
          '{"product_code": "SKU001", "orders_placed": 1}',
        );
        const { est_hours_to_dispatch: answered } = (await response.json()) as Record<string, unknown>;
        answers.add(`${response.status} ${String(answered)}`);
      }
    });
    return async () => {
      isOver = true;
      await Promise.all(clients);
      return answers;
    };
  }

  test("serves the old model on both again after a bad one was promoted and rolled back, and fails no request", async () => {
    const [good, bad] = [await putModel(0), await putModel(100)];
    const replicas = new Programs(storage);
    programs.push(replicas);
    await promote(good);
    const both = [1, 2].map(() => replicas.serve(["--alias", "production", "--poll-seconds", "0.1"]));
    const addresses = await Promise.all(both.map((replica) => replica.listening()));
    const allFollow = async (sequence: number, key: string): Promise<void> => {
      await Promise.all(both.map((replica) => replica.printed(new RegExp(`sequence ${sequence}, ${key}`))));
      const ready = await Promise.all(
        addresses.map(async (address) => (await fetch(`${address}/readyz`)).json()),
      );
      const alias = { name: "production", sequence, model_key: key };
      expect(ready).toMatchObject([{ alias }, { alias }]);
    };
    await allFollow(1, good);
    const endClient = startClient(addresses);
    await promote(bad);
    await allFollow(2, bad);
    const rollBack = [
      "models",
      "rollback",
      BUCKET,
      NAME,
      "--alias",
      "production",
      "--reason",
      "100 hours too high",
    ];
    const run = await runChild(COMMAND, rollBack, { env: storage.environment });
    expect(run).toMatchObject({ code: 0, stderr: "" });
    await allFollow(3, good);
    expect([...(await endClient())].sort()).toEqual(["200 0.5", "200 100.5"]);
    const answers = await startClient(addresses)();
    expect([...answers]).toEqual(["200 0.5"]);
  });
});

const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----`;
