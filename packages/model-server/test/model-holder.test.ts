import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Feature } from "@ml-pipelines/pipeline-utils/aws";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { sampleModel, signatureOf } from "@ml-pipelines/test-support/sample-model";
import type { SampleOptions } from "@ml-pipelines/test-support/sample-model";
import { BUCKET } from "@ml-pipelines/test-support/model-storage";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));

describe("ModelHolder", () => {
  let service: TestApp;
  beforeEach(async () => {
    service = await startTestApp();
  });
  afterEach(() => service.stop());

  const hours = async (product = "SKU001"): Promise<unknown> => {
    const payload = { product_code: product, orders_placed: 1 };
    const response = await service.app.inject({ method: "POST", url: "/api/v0.1/time_to_dispatch", payload });
    return response.statusCode === 200
      ? response.json<{ est_hours_to_dispatch: number }>().est_hours_to_dispatch
      : response;
  };

  test("returns 503 until a first model is there, then serves it", async () => {
    expect(await service.refresh()).toBe("none");
    expect(await service.refresh()).toBe("none");
    expect(service.lines).toEqual([
      `WARNING No model named time-to-dispatch in s3://${BUCKET}/models - waiting for one, not ready`,
    ]);
    expect(await hours()).toMatchObject({ statusCode: 503, headers: { "retry-after": "30" } });
    expect((await service.app.inject("/healthz")).statusCode).toBe(200);
    expect((await service.app.inject("/readyz")).statusCode).toBe(503);

    await service.storage.putModel();
    expect(await service.refresh()).toBe("loaded");
    expect(await hours()).toBe(0.5);
    const ready = await service.app.inject("/readyz");
    expect(ready.json()).toMatchObject({ status: "ready", model_hash: sampleModel().modelHash });
    expect(service.lines.filter((line) => line.startsWith("INFO Successfully"))).toEqual([
      `INFO Successfully loaded model: ${String(sampleModel())}`,
    ]);
  });

  test("serves the newest model by its own signature", async () => {
    await service.storage.putModel({ creationTime: at(1) });
    expect(await service.refresh()).toBe("loaded");
    expect(await service.refresh()).toBe("unchanged");
    expect(await hours("SKU006")).toMatchObject({ statusCode: 422 });
    await service.storage.putModel({ creationTime: at(2), offset: 1, products: ["SKU001", "SKU006"] });
    expect(await service.refresh()).toBe("loaded");
    expect(await hours("SKU001")).toBe(1.5);
    expect(await hours("SKU006")).toBe(11.5);
    expect(await hours("SKU002")).toMatchObject({ statusCode: 422 });
  });

  const metadata = (prediction: number) => ({
    examples: [{ product_code: "SKU002", orders_placed: 60, prediction }],
  });

  test("accepts a model that agrees with the examples of its training", async () => {
    await service.storage.putModel({ metadata: metadata(15.5) });
    expect(await service.refresh()).toBe("loaded");
  });

  const BAD: [string, SampleOptions, string][] = [
    [
      "an example predicted otherwise",
      { metadata: metadata(16) },
      "metadata.examples[0] is predicted as 15.5, expected 16",
    ],
    [
      "an example of no product",
      { metadata: { examples: [{ prediction: 1 }] } },
      "is no input that the model's signature takes: body.product_code: field required",
    ],
    [
      "an example without prediction",
      { metadata: { examples: [null] } },
      "metadata.examples[0] has no prediction",
    ],
    [
      "examples that are none",
      { metadata: { examples: 1 } },
      "metadata.examples is number, expected an array",
    ],
    [
      "the fields of another service",
      { features: [...signatureOf(["SKU001"]), { name: "colour", type: "number" }] },
      "the model's signature is colour (number), orders_placed (number), product_code (category), expected orders_placed (number), product_code (category)",
    ],
    [
      "more categories than can be tried while requests wait",
      { features: signatureOf(Array.from({ length: 1_001 }, (_, product) => `SKU${product}`)) },
      "product_code has 1001 categories, expected at most 1000",
    ],
    [
      "more fields than the longest request for one prediction holds, each with a number of 25 characters",
      {
        features: [
          ...signatureOf(["SKU001"]),
          ...Array.from({ length: 600 }, (_, i): Feature => ({ name: `f${i + 100}`, type: "number" })),
        ],
      },
      "one input may have 19867 bytes of JSON, expected at most 16384",
    ],
  ];

  test.each(BAD)("keeps the served model when a newer one has %s", async (_name, options, reason) => {
    await service.storage.putModel({ creationTime: at(1) });
    await service.refresh();
    const bad = await service.storage.putModel({ ...options, creationTime: at(2) });
    service.lines.length = 0;
    expect(await service.refresh()).toBe("refused");
    expect(await service.refresh()).toBe("unchanged");
    expect(service.lines).toHaveLength(1);
    expect(service.lines[0]).toContain(`ERROR Refused the newest model - s3://${BUCKET}/${bad}`);
    expect(service.lines[0]).toContain(reason);
    expect(service.lines[0]).toMatch(/ - still serving s3:\/\/.*2026-01-01/);
    expect(service.holder.outcomes).toMatchObject({ loaded: 1, refused: 1, unchanged: 1 });
    expect(await hours()).toBe(0.5);
    // A good one after it is taken, as is the old one when the bad one is removed.
    await service.storage.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: bad }));
    expect(await service.refresh()).toBe("unchanged");
    expect(service.holder.refusal).toBeUndefined();
  });

  test.each([
    ["no JSON", "hello"],
    ["no model", "{}"],
    ["a hash that is not the model's", undefined],
  ])("keeps the served model when a newer file is %s", async (_name, text) => {
    await service.storage.putModel({ creationTime: at(1) });
    await service.refresh();
    const damaged =
      text ?? JSON.stringify(await modelFile(service)).replace('"distribution":0.5', '"distribution":0.6');
    await service.storage.putText("time-to-dispatch_2026-01-03.json", damaged);
    expect(await service.refresh()).toBe("refused");
    expect(await hours()).toBe(0.5);
  });

  test.each<[string, Buffer, Record<string, string>, string]>([
    [
      "not what was recorded",
      Buffer.from("{}"),
      { sha256: "0".repeat(64) },
      "damaged: its sha256 is 0{64}, ",
    ],
    [
      "absurdly large",
      Buffer.alloc(8_388_609, " "),
      {},
      "the model's file has 8388609 bytes, expected at most 8388608",
    ],
  ])(
    "keeps the served model, or finds it at start, when a newer file is %s",
    async (_name, Body, Metadata, reason) => {
      const good = await service.storage.putModel({ creationTime: at(1) });
      await service.refresh();
      const Key = "models/time-to-dispatch_2026-01-03.json";
      await service.storage.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, Metadata }));
      service.lines.length = 0;
      expect(await service.refresh()).toBe("refused");
      expect(await service.refresh()).toBe("unchanged");
      const refusal = `ERROR Refused the newest model - s3://${BUCKET}/${Key}: ${reason}`;
      expect(service.lines).toEqual([expect.stringMatching(refusal)]);

      const starting = await startTestApp({ storage: service.storage });
      expect(await starting.refresh()).toBe("refused");
      expect(starting.holder.current?.origin.key).toBe(good);
      await starting.stop();
    },
  );

  test("keeps the served model when a newer one has a very long name", async () => {
    await service.storage.putModel({ creationTime: at(1) });
    await service.refresh();
    // Its file cannot be named so.
    const text = JSON.stringify(await modelFile(service)).replace(
      '"name":"time-to-dispatch"',
      `"name":"${"x".repeat(100_000)}"`,
    );
    const key = await service.storage.putText("time-to-dispatch_2026-01-03.json", text);
    service.lines.length = 0;
    expect(await service.refresh()).toBe("refused");
    expect(service.lines).toEqual([
      expect.stringContaining(
        `s3://${BUCKET}/${key}: the model's name is "${"x".repeat(40)}", of 100000 characters, expected "time-to-dispatch" - still serving`,
      ),
    ]);
  });

  test("keeps the served model when all are deleted, or storage fails", async () => {
    const key = await service.storage.putModel();
    await service.refresh();
    await service.storage.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    expect(await service.refresh()).toBe("none");
    expect(await hours()).toBe(0.5);
    service.lines.length = 0;
    const gone = new AbortController();
    gone.abort(new Error("storage is down"));
    expect(await service.holder.refresh(gone.signal)).toBe("failed");
    expect(await service.holder.refresh(gone.signal)).toBe("failed");
    expect(service.lines).toEqual([
      `ERROR Could not look for a newer model - storage is down - still serving s3://${BUCKET}/${key}`,
    ]);
    expect(await hours()).toBe(0.5);
  });

  test("logs once that it still serves a model when storage answers again", async () => {
    const key = await service.storage.putModel();
    await service.refresh();
    const gone = new AbortController();
    gone.abort(new Error("storage is down"));
    await service.holder.refresh(gone.signal);
    service.lines.length = 0;
    expect(await service.refresh()).toBe("unchanged");
    expect(await service.refresh()).toBe("unchanged");
    expect(service.lines).toEqual([
      `INFO The newest model could be looked for again - still serving s3://${BUCKET}/${key}`,
    ]);
  });
});

/** The file of the model in the bucket. */
async function modelFile(service: TestApp): Promise<unknown> {
  const { key } = service.holder.current!.origin;
  const object = await service.storage.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  const text = (await object.Body?.transformToString()) ?? "";
  // Without the hash of its content, as older versions wrote files, so that a test can change it.
  return JSON.parse(text.replace(/,"contentHash":"\w+"/, ""));
}
