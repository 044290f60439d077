import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { ArtefactChangedError } from "@ml-pipelines/pipeline-utils/aws";
import { ModelSource } from "../src/model/model-source.js";
import { defineService } from "../src/options.js";
import { sampleModel } from "@ml-pipelines/test-support/sample-model";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";
import { timeToDispatch } from "./support/time-to-dispatch.mjs";

let storage: ModelStorage;
beforeEach(async () => {
  storage = await ModelStorage.start();
});
afterEach(() => storage.stop());

function sourceOf(info: (line: string) => void): ModelSource {
  const log = { info, warn: info };
  const service = defineService(timeToDispatch);
  return new ModelSource({ service, bucket: BUCKET, allowFuture: false, client: storage.client, log });
}

test("rejects a model that was replaced after it was listed", async () => {
  const key = await storage.putModel();
  const source = sourceOf(() => undefined);
  const { signal } = new AbortController();
  const listed = [await source.findNewest(signal)];
  for await (const origin of source.findAll(signal)) {
    listed.push(origin);
  }
  expect(listed).toHaveLength(2);
  const options = { bucket: BUCKET, folder: "models", client: storage.client, overwrite: true };
  await sampleModel({ offset: 1 }).putModelToS3(options);
  for (const origin of listed) {
    const load = source.load(origin, signal);
    await expect(load).rejects.toThrow(ArtefactChangedError);
    await expect(load).rejects.toThrow(`s3://${BUCKET}/${key}: another object is there now`);
  }
  const pinned = await source.load({ bucket: BUCKET, key }, signal);
  expect(pinned.model.equals(sampleModel({ offset: 1 }))).toBe(true);
});

test("logs a download that takes long, and no quick one", async () => {
  const key = await storage.putModel();
  const lines: string[] = [];
  const source = sourceOf((line) => void lines.push(line));
  const { signal } = new AbortController();
  await source.load({ bucket: BUCKET, key }, signal);
  expect(lines).toEqual([]);
  let time = 0;
  const now = jest.spyOn(performance, "now").mockImplementation(() => (time += 6000));
  await source.load({ bucket: BUCKET, key }, signal);
  now.mockRestore();
  expect(lines).toEqual([
    expect.stringMatching(new RegExp(`^Downloading s3://${BUCKET}/${key}: [\\d,]+ of [\\d,]+ bytes$`)),
  ]);
});
