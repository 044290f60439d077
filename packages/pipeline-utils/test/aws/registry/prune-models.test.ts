import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import {
  FormatError,
  listArtefacts,
  promoteModel,
  pruneModels,
  rollBackModel,
} from "@ml-pipelines/pipeline-utils/aws";
import { keysBelow, putPlain } from "@ml-pipelines/test-support/test-storage";
import { mapBounded } from "../../../src/aws/registry/map-bounded.js";
import { NAME, putModel, registryBucket } from "../../support/registry-bucket.js";
import { startTestS3 } from "../../support/test-s3.js";
import type { TestS3 } from "../../support/test-s3.js";

let s3: TestS3;
beforeAll(async () => {
  s3 = await startTestS3();
});
afterAll(() => s3.stop());

async function modelKeys(bucket: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listArtefacts("json", bucket, { recursive: true, client: s3.client })) {
    if (key.startsWith("models/")) {
      keys.push(key);
    }
  }
  return keys.sort();
}

describe("pruneModels", () => {
  test("deletes among more than 1,000 objects all that nothing needs, and nothing the second time", async () => {
    const storage = await registryBucket(s3);
    const { bucket } = storage;
    const decision = { alias: "production", reason: "a test", client: s3.client };
    const promoted: string[] = [];
    for (let value = 0; value < 12; value += 1) {
      promoted.push(await putModel(s3, storage, { value, daysAgo: 300 }));
      await promoteModel(bucket, NAME, promoted.at(-1) ?? "", decision);
    }
    await rollBackModel(bucket, NAME, { ...decision, to: promoted[0] });
    const old = Array.from({ length: 1_001 }, (_, i) => {
      const time = new Date(Date.UTC(2020, 0, 1) + i * 60_000).toISOString();
      return `models/${NAME}_${time}.json`;
    });
    const others = [
      "models/other_2020-01-01.json",
      `models/${NAME}_2020-01-01.csv`,
      `models/old/${NAME}_2020-01-01.json`,
    ];
    await mapBounded([...old, ...others], (key) => putPlain(s3.client, bucket, key));
    const young = await putModel(s3, storage, { value: 100 });
    const keep = [old[500] ?? ""];
    const options = { client: s3.client, keep, newest: 2 };

    const before = await modelKeys(bucket);
    const dry = await pruneModels(bucket, NAME, options);
    expect(await modelKeys(bucket)).toEqual(before);
    // The last ten of the 13 moves: the roll-back, and the promotions from the fourth on.
    const alive = [young, ...promoted.slice(3), promoted[0] ?? "", ...keep];
    expect(dry.living.map(({ key }) => key).sort()).toEqual([...alive].sort());
    expect(dry.living.find(({ key }) => key === promoted[0])?.reasons).toEqual([
      "production names it",
      "in the log of production (13)",
    ]);
    expect(dry.unused).toHaveLength(1_000 + 2);

    const said: string[] = [];
    const applied = await pruneModels(bucket, NAME, {
      ...options,
      apply: true,
      onDelete: (key) => said.push(key),
    });
    expect([...applied.unused].sort()).toEqual([...dry.unused].sort());
    expect(said.sort()).toEqual([...dry.unused].sort());
    const unrelated = others.filter((key) => key.endsWith(".json"));
    expect(await modelKeys(bucket)).toEqual([...alive, ...unrelated].sort());
    expect(await keysBelow(s3.client, bucket, "datasets/")).toHaveLength(1);
    expect(await pruneModels(bucket, NAME, { ...options, apply: true })).toEqual({
      living: dry.living,
      unused: [],
    });
  });

  test("keeps a model that is promoted while others are deleted", async () => {
    const storage = await registryBucket(s3);
    const { bucket } = storage;
    const keys = [];
    for (let value = 0; value < 103; value += 1) {
      keys.push(await putModel(s3, storage, { value, daysAgo: 100 }));
    }
    // Deleted from the newest on; the oldest is in the second batch.
    const [oldest = ""] = keys;
    let promotion: Promise<unknown> | undefined;
    const { client } = await s3.through(async ({ method }) => {
      if (method === "DELETE") {
        promotion ??= promoteModel(bucket, NAME, oldest, {
          alias: "production",
          reason: "x",
          client: s3.client,
        });
        await promotion;
      }
      return { kind: "pass" };
    });
    const { unused } = await pruneModels(bucket, NAME, { client, newest: 1, apply: true });
    expect(unused).toHaveLength(101);
    expect((await modelKeys(bucket)).sort()).toEqual([oldest, keys.at(-1)].sort());
  });

  test("deletes nothing when an alias or a log is malformed, or an option is wrong", async () => {
    const storage = await registryBucket(s3);
    const { bucket } = storage;
    await putModel(s3, storage, { value: 1, daysAgo: 100 });
    await putModel(s3, storage, { value: 2, daysAgo: 100 });
    const prune = (options: object) =>
      pruneModels(bucket, NAME, { client: s3.client, apply: true, newest: 1, ...options });
    await putPlain(s3.client, bucket, `registry/${NAME}/log/production/000000000001.json`, "{}");
    await expect(prune({})).rejects.toThrow(FormatError);
    await expect(prune({ newest: 0 })).rejects.toThrow("newest is 0, expected a whole number of at least 1");
    await expect(prune({ days: -1 })).rejects.toThrow("days is -1, expected a number of at least 0");
    expect(await modelKeys(bucket)).toHaveLength(2);
  });
});
