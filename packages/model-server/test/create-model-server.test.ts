import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createModelServer } from "@ml-pipelines/model-server";
import { linear, putDeliveryModel } from "./support/delivery-model.js";
import { recordingLogger } from "./support/recording-logger.js";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";

/** Make one as a caller without types does. */
async function makeOfAnything(options: unknown): Promise<unknown> {
  const made: unknown = Reflect.apply(createModelServer, undefined, [options]);
  return made;
}

describe("createModelServer", () => {
  let storage: ModelStorage;
  beforeAll(async () => {
    storage = await ModelStorage.start();
  });
  afterAll(() => storage.stop());

  const OPTIONS = { name: "delivery", modelClasses: [linear] };

  test("waits for a model, follows newer ones, and stops looking when it is closed", async () => {
    const log = recordingLogger();
    const settings = { bucket: BUCKET, client: storage.client, log, pollSeconds: 0.1 };
    const app = await createModelServer({ ...OPTIONS, ...settings });
    const payload = { distance: 0, parcels: 1, size: "S", depot: "north", express: false };
    const predict = async () => app.inject({ method: "POST", url: "/predict", payload });
    expect((await predict()).statusCode).toBe(503);
    await putDeliveryModel(storage);
    while ((await predict()).statusCode === 503) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await predict()).json()).toMatchObject({ prediction: 1 });
    await app.close();
    await putDeliveryModel(storage, { bias: 1, day: 2 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(log.lines.filter((line) => line.includes("Successfully loaded"))).toHaveLength(1);
  });

  test.each<[string, object]>([
    ['option "modelClass" is unknown, expected name, modelClasses, ', { modelClass: linear }],
    ["name is undefined, expected the name of the models to serve", { name: undefined }],
    ["name is 'a/b', expected the name of the models to serve, without a slash", { name: "a/b" }],
    ["title is 5, expected text", { title: 5 }],
    ["routes is 5, expected a function", { routes: 5 }],
    [
      "fields is { a: 'numbr' }, expected field names with number, category, boolean",
      { fields: { a: "numbr" } },
    ],
    ["pollSeconds is NaN, expected 0.1 to 86400", { pollSeconds: NaN }],
    ["allowFuture is 'false', expected true or false", { allowFuture: "false" }],
    [
      "expected a Prometheus metric name outside the reserved prefixes",
      { predictionHistogram: { name: "model_prediction_value", help: "h", buckets: [1] } },
    ],
    [
      "expected a Prometheus metric name outside the reserved prefixes",
      { predictionHistogram: { name: "hours", help: "h", buckets: [2, 1] } },
    ],
    ["modelClasses is [], expected an array of at least one model class", { modelClasses: [] }],
    [
      "modelClasses: Linear has no predict, so it cannot be served",
      { modelClasses: [{ ...linear, predict: undefined }] },
    ],
    ["route is 'predict', expected an address such as /predict", { route: "predict" }],
    [
      "prediction is 'model_version', expected a name other than model_version",
      { prediction: "model_version" },
    ],
    ["bucket is undefined, expected the name of a bucket", { bucket: undefined }],
  ])("rejects options by name: %s", async (message, wrong) => {
    const options = { ...OPTIONS, bucket: BUCKET, client: storage.client, ...wrong };
    const made = makeOfAnything(options);
    await expect(made).rejects.toThrow(TypeError);
    await expect(made).rejects.toThrow(message);
  });

  test("rejects options that are not an object", async () => {
    const made = makeOfAnything("delivery");
    await expect(made).rejects.toThrow("options is 'delivery', expected an object");
  });
});
