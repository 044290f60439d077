import { DeleteObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import {
  ArtefactChangedError,
  ArtefactNotFoundError,
  FormatError,
  getAlias,
  listAliasHistory,
  ModelIntegrityError,
  probeServer,
  promoteModel,
  rollBackModel,
  S3AccessError,
  signModel,
  verifyModel,
} from "@ml-pipelines/pipeline-utils/aws";
import type { Alias } from "@ml-pipelines/pipeline-utils/aws";
import { putPlain } from "@ml-pipelines/test-support/test-storage";
import { NAME, putModel, registryBucket } from "../../support/registry-bucket.js";
import { keyPair, withKeys } from "../../support/signing.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

const ALIAS_KEY = `registry/${NAME}/production.json`;

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

const decision = (reason: string, client: S3Client = s3.client) => ({
  alias: "production",
  reason,
  actor: "alice",
  client,
});
const promote = (bucket: string, key: string, reason = "a test"): Promise<Alias> =>
  promoteModel(bucket, NAME, key, decision(reason));
const rollBack = (bucket: string, to?: string): Promise<Alias> =>
  rollBackModel(bucket, NAME, { ...decision("it is worse"), to });

/** The log of production, oldest first, as `1 KEY`, with `-` before lines that were not carried out. */
async function historyOf(bucket: string): Promise<string[]> {
  const history = await listAliasHistory(bucket, NAME, "production", { client: s3.client });
  return history
    .map(({ carriedOut, sequence, model }) => `${carriedOut ? "" : "-"}${sequence} ${model.key}`)
    .reverse();
}

describe("promoteModel", () => {
  test.each([
    ["with versions", true],
    ["without versions", false],
  ])("writes the documented alias and log line in a bucket %s", async (_, versioned) => {
    const storage = await registryBucket(s3, versioned);
    const { bucket } = storage;
    const first = await putModel(s3, storage, { value: 1 });
    const second = await putModel(s3, storage, { value: 2 });
    if (!(await probeServer(bucket, { client: s3.client })).createOnly) {
      // Ceph's radosgw 16 ignores conditions in buckets that keep versions.
      await expect(promote(bucket, first)).rejects.toThrow(
        `${s3.endpoint}: the server ignores If-None-Match`,
      );
      return;
    }
    await promote(bucket, first);
    await promote(bucket, second, "the week's training");
    const read = async (Key: string): Promise<unknown> => {
      const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return JSON.parse((await Body?.transformToString()) ?? "");
    };
    const { sha256, modelHash } = await verifyModel(bucket, second, { client: s3.client });
    const written = await read(ALIAS_KEY);
    expect(written).toEqual({
      format: "pipeline-utils/alias",
      formatVersion: 1,
      name: NAME,
      alias: "production",
      sequence: 2,
      model: {
        ...{ key: second, sha256, modelHash },
        etag: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
        ...(versioned ? { versionId: expect.any(String) as unknown } : {}),
      },
      previous: { key: first, sequence: 1 },
      actor: "alice",
      reason: "the week's training",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
    });
    expect(await read(`registry/${NAME}/log/production/000000000002.json`)).toEqual(written);
    const alias = await getAlias(bucket, NAME, "production", { client: s3.client });
    expect(alias).toMatchObject({ sequence: 2, model: { key: second } });
    expect(await getAlias(bucket, NAME, "staging", { client: s3.client })).toBeUndefined();
    // The very object: S3 answered that it has not moved.
    expect(await getAlias(bucket, NAME, "production", { client: s3.client, known: alias })).toBe(alias);
    await rollBack(bucket);
    const moved = await getAlias(bucket, NAME, "production", { client: s3.client, known: alias });
    expect(moved).toMatchObject({ sequence: 3, model: { key: first } });
  });

  test("rejects a model of another name, a missing one, and one whose dataset is gone", async () => {
    const storage = await registryBucket(s3);
    const { bucket, trainDataset } = storage;
    const other = await putModel(s3, storage, { name: "experiment" });
    await expect(promote(bucket, other)).rejects.toThrow(
      `s3://${bucket}/${other}: the model's name is "experiment", expected "${NAME}"`,
    );
    await expect(promote(bucket, "models/none_2021-07-20.json")).rejects.toThrow(ArtefactNotFoundError);
    const key = await putModel(s3, storage);
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: trainDataset.key }));
    await expect(promote(bucket, key)).rejects.toThrow(ModelIntegrityError);
    await expect(promote(bucket, key)).rejects.toThrow("gone (dataset present)");
    expect(await historyOf(bucket)).toEqual([]);
  });

  test("rejects an unsigned model where public keys are set", async () => {
    const storage = await registryBucket(s3);
    const key = await putModel(s3, storage);
    const { publicKey, privateKey } = keyPair();
    await withKeys({ known: publicKey, signing: privateKey }, async () => {
      await expect(promote(storage.bucket, key)).rejects.toThrow("the model is unsigned");
      await signModel(storage.bucket, key, { client: s3.client });
      expect(await promote(storage.bucket, key)).toMatchObject({ sequence: 1 });
    });
  });

  test("does not move an alias that names the same bytes already", async () => {
    const storage = await registryBucket(s3);
    const key = await putModel(s3, storage);
    const first = await promote(storage.bucket, key, "first");
    expect(await promote(storage.bucket, key, "again")).toMatchObject({ sequence: 1, reason: "first" });
    expect(first.reason).toBe("first");
    expect(await historyOf(storage.bucket)).toEqual([`1 ${key}`]);
  });

  test.each([
    [
      "an empty reason",
      { alias: "production", reason: " " },
      "reason is ' ', expected text that is not empty",
    ],
    ["an alias with a slash", { alias: "a/b", reason: "x" }, "alias is 'a/b', expected 1 to 63 letters"],
    ["an unknown option", { alias: "a", reason: "x", force: true }, 'option "force" is unknown'],
  ])("rejects %s", async (_, options, message) => {
    await expect(promoteModel("bucket", NAME, "k", { ...options, client: s3.client })).rejects.toThrow(
      message,
    );
  });

  test("rejects a malformed alias by the field", async () => {
    const { bucket } = await registryBucket(s3);
    await putPlain(s3.client, bucket, ALIAS_KEY, '{"format":"pipeline-utils/alias","formatVersion":2}');
    const get = getAlias(bucket, NAME, "production", { client: s3.client });
    await expect(get).rejects.toThrow(FormatError);
    await expect(get).rejects.toThrow(
      `s3://${bucket}/${ALIAS_KEY}: format "pipeline-utils/alias", version 2`,
    );
  });
});

describe("verifyModel of a promoted model", () => {
  test("finds any changed byte of the file", async () => {
    const storage = await registryBucket(s3);
    const { bucket } = storage;
    const key = await putModel(s3, storage);
    await promote(bucket, key);
    const aliasStatus = async (): Promise<string | undefined> => {
      const { checks } = await verifyModel(bucket, key, { client: s3.client });
      return checks.find(({ name }) => name === "alias")?.status;
    };
    expect(await aliasStatus()).toBe("ok");
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    // One more space changes no value, and so no hash in the file.
    await putPlain(s3.client, bucket, key, `${(await Body?.transformToString()) ?? ""} `);
    expect(await aliasStatus()).toBe("failed");
  });
});

describe("rollBackModel", () => {
  test("returns to the model before, and forward again", async () => {
    const storage = await registryBucket(s3);
    const { bucket } = storage;
    const keys = [await putModel(s3, storage, { value: 1 }), await putModel(s3, storage, { value: 2 })];
    for (const key of keys) {
      await promote(bucket, key);
    }
    expect(await rollBack(bucket)).toMatchObject({ sequence: 3, model: { key: keys[0] } });
    expect(await rollBack(bucket)).toMatchObject({ sequence: 4, model: { key: keys[1] } });
    expect(await historyOf(bucket)).toEqual([`1 ${keys[0]}`, `2 ${keys[1]}`, `3 ${keys[0]}`, `4 ${keys[1]}`]);
  });

  test("returns to any model by its key, even if its dataset is gone", async () => {
    const storage = await registryBucket(s3);
    const { bucket, trainDataset } = storage;
    const keys = [];
    for (const value of [1, 2, 3]) {
      keys.push(await putModel(s3, storage, { value }));
      await promote(bucket, keys.at(-1) ?? "");
    }
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: trainDataset.key }));
    expect(await rollBack(bucket, keys[0])).toMatchObject({ sequence: 4, model: { key: keys[0] } });
  });

  test("rejects an alias without history, a missing model, and one that changed since", async () => {
    const storage = await registryBucket(s3);
    const { bucket } = storage;
    const first = await putModel(s3, storage, { value: 1 });
    const second = await putModel(s3, storage, { value: 2 });
    await expect(rollBack(bucket)).rejects.toThrow(`s3://${bucket}/${ALIAS_KEY}: no such alias`);
    await promote(bucket, first);
    await expect(rollBack(bucket)).rejects.toThrow("it never named another model; name one by its key");
    await promote(bucket, second);
    const { privateKey } = keyPair();
    await withKeys({ signing: privateKey }, () => signModel(bucket, first, { client: s3.client }));
    await expect(rollBack(bucket)).rejects.toThrow(/as when production named it at 1; verify the file/);
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: first }));
    await expect(rollBack(bucket)).rejects.toThrow(ArtefactNotFoundError);
    expect(await historyOf(bucket)).toEqual([`1 ${first}`, `2 ${second}`]);
  });
});

describe("promotions at once", () => {
  test("carries out each success of 16 writers once, in sequence, and tells the others who won", async () => {
    const storage = await registryBucket(s3);
    const { bucket } = storage;
    const keys = await Promise.all(
      Array.from({ length: 16 }, (_, value) => putModel(s3, storage, { value })),
    );
    const successes = new Map<number, string>();
    const losses: string[] = [];
    const write = async (key: string): Promise<void> => {
      try {
        const { sequence, model } = await promote(bucket, key);
        successes.set(sequence, model.key);
      } catch (error) {
        expect(error).toBeInstanceOf(ArtefactChangedError);
        losses.push(error instanceof Error ? error.message : "");
      }
    };
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(keys.map(write));
    }
    const history = await listAliasHistory(bucket, NAME, "production", { client: s3.client });
    const moves = history.filter(({ carriedOut }) => carriedOut).reverse();
    const inSequence = [...successes].sort(([one], [other]) => one - other);
    expect(moves.map(({ sequence, model }) => [sequence, model.key])).toEqual(inSequence);
    expect(inSequence.length).toBeGreaterThanOrEqual(3);
    expect(history.length - moves.length).toBe(losses.length);
    const last = await getAlias(bucket, NAME, "production", { client: s3.client });
    expect(last?.sequence).toBe(inSequence.at(-1)?.[0]);
    for (const loss of losses) {
      expect(loss).toMatch(
        /^s3:\/\/\S+: alice moved it to models\/\S+ meanwhile \(sequence \d+: a test\); models\/\S+ was not promoted, and line \d+ of the log was not carried out$/,
      );
    }
  });

  test("logs every move when the writer dies at any write, before the server acts or after", async () => {
    const storage = await registryBucket(s3);
    const { bucket } = storage;
    const keys = [await putModel(s3, storage, { value: 1 }), await putModel(s3, storage, { value: 2 })];
    await promote(bucket, keys[0] ?? "");
    let isDone = false;
    for (let write = 1; !isDone; write += 1) {
      for (const kind of ["reset", "lose-answer"] as const) {
        const killed = new AbortController();
        let writes = 0;
        const proxy = await s3.through(({ method, url }) => {
          const isWrite = method === "PUT" && !url.includes("probe.json");
          const isAfter = writes >= write;
          writes += isWrite ? 1 : 0;
          // The next request shows that the answer is lost, and that the server has acted.
          if (isAfter) {
            killed.abort(new Error("killed"));
            return { kind: "hang" };
          }
          return { kind: isWrite && writes === write ? kind : "pass" };
        });
        const before = await getAlias(bucket, NAME, "production", { client: s3.client });
        const to = before?.model.key === keys[0] ? (keys[1] ?? "") : (keys[0] ?? "");
        const options = { ...decision("may be killed", proxy.client), signal: killed.signal };
        const outcome = await promoteModel(bucket, NAME, to, options).catch(() => undefined);
        await proxy.stop();
        isDone = outcome !== undefined;
        const after = await getAlias(bucket, NAME, "production", { client: s3.client });
        const history = await listAliasHistory(bucket, NAME, "production", { client: s3.client });
        const moves = history.filter(({ carriedOut }) => carriedOut);
        expect(moves[0]).toMatchObject({ sequence: after?.sequence, model: after?.model });
        expect(moves.at(-1)?.sequence).toBe(1);
        const isMoved = after?.sequence !== before?.sequence;
        expect(after?.model.key).toBe(isMoved ? to : before?.model.key);
      }
    }
    const history = await historyOf(bucket);
    expect(history.some((line) => line.startsWith("-"))).toBe(true);
    expect(await promote(bucket, keys[0] ?? "")).toMatchObject({ model: { key: keys[0] } });
  });

  test("knows its own move after a lost answer, also when the next writer built on it", async () => {
    const storage = await registryBucket(s3);
    const { bucket } = storage;
    const keys = [await putModel(s3, storage, { value: 1 }), await putModel(s3, storage, { value: 2 })];
    let isLost = false;
    const { client } = await s3.through(async ({ method, url, headers }) => {
      if (isLost || method !== "PUT" || !url.includes("production.json")) {
        return { kind: "pass" };
      }
      isLost = true;
      expect(headers["if-none-match"]).toBe("*");
      // The answer is lost after the other writer's move: the proxy sends this one's request itself.
      return { kind: "lose-answer" };
    });
    const moved = await promoteModel(bucket, NAME, keys[0] ?? "", decision("lost", client));
    expect(moved).toMatchObject({ sequence: 1 });
    expect(isLost).toBe(true);
    // The second move: its answer is an error that comes only after the next writer has moved on.
    const { ifMatch } = await probeServer(bucket, { client: s3.client });
    let isOvertaken = false;
    const overtaken = await s3.through(async ({ method, url, headers }) => {
      // The form of the condition on which the server writes.
      const isForm = String(headers["if-match"]).startsWith('"') === (ifMatch === "quoted");
      if (method === "PUT" && url.includes("production.json") && isForm && !isOvertaken) {
        isOvertaken = true;
        return { kind: "lose-answer" };
      }
      if (isOvertaken && url.includes("production.json")) {
        await rollBack(bucket).catch(() => undefined);
      }
      return { kind: "pass" };
    });
    const second = await promoteModel(bucket, NAME, keys[1] ?? "", decision("overtaken", overtaken.client));
    expect(second).toMatchObject({ sequence: 2, model: { key: keys[1] } });
    expect((await historyOf(bucket)).slice(0, 3)).toEqual([`1 ${keys[0]}`, `2 ${keys[1]}`, `3 ${keys[0]}`]);
  });
});

describe("a server that does not keep conditions", () => {
  test.each([
    ["If-Match", "if-match", "ignores If-Match"],
    ["If-None-Match", "if-none-match", "ignores If-None-Match"],
  ])("rejects it by name when it ignores %s", async (_, header, message) => {
    const storage = await registryBucket(s3);
    const key = await putModel(s3, storage);
    const { client, endpoint } = await s3.through(({ method, headers }) =>
      method === "PUT" && headers[header] !== undefined
        ? { kind: "answer", status: 200, headers: { etag: '"0123456789abcdef0123456789abcdef"' } }
        : { kind: "pass" },
    );
    const moved = promoteModel(storage.bucket, NAME, key, decision("x", client));
    await expect(moved).rejects.toThrow(S3AccessError);
    await expect(moved).rejects.toThrow(
      `s3://${storage.bucket}/ at ${endpoint}: the server ${message}, so two`,
    );
    await expect(moved).rejects.toMatchObject({ retryable: false });
    expect(await historyOf(storage.bucket)).toEqual([]);
  });
});
