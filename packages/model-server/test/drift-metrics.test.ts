import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { profileModel } from "@ml-pipelines/pipeline-utils/monitoring";
import { PRODUCTS, signatureOf } from "@ml-pipelines/test-support/sample-model";
import { InputRefusals } from "../src/metrics/input-refusals.js";
import { DELIVERY_FEATURES, HOURS, linear, putDeliveryModel } from "./support/delivery-model.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";
import { timeToDispatch } from "./support/time-to-dispatch.mjs";

const features = signatureOf(PRODUCTS);
const target = { name: "hours_to_dispatch", type: "number" } as const;
/** A hundred rows: 20 of each product, and 10, 20, …, 1000 orders. */
const columns = [
  Float64Array.from({ length: 100 }, (_, row) => row % 5),
  Float64Array.from({ length: 100 }, (_, row) => 10 * (row + 1)),
];
const profile = profileModel({
  ...{ features, target },
  train: { columns, target: columns[1] ?? [] },
  predictions: columns[1] ?? [],
});
const ROUTE = "/api/v0.1/time_to_dispatch";
const orders = (count: number) => ({ product_code: "SKU002", orders_placed: count });

describe("the metrics of drift", () => {
  let service: TestApp;
  beforeEach(async () => {
    service = await startTestApp();
    await service.storage.putModel({ metadata: { profile } });
    await service.refresh();
  });
  afterEach(() => service.stop());

  const predict = (input: object) => service.post(ROUTE, input);

  /** The samples of a metric, by their labels other than the model's hash. */
  async function samples(name: string): Promise<Record<string, number>> {
    const { payload } = await service.get("/metrics");
    const lines = payload.matchAll(new RegExp(`^${name}\\{model_hash="[0-9a-f]{32}",(.*)\\} (\\S+)$`, "gm"));
    return Object.fromEntries([...lines].map(([, labels = "", value]) => [labels, Number(value)]));
  }

  test("counts inputs by the bins of the profile, from 0 on", async () => {
    const bin = 'feature="orders_placed",bin="208"';
    expect(Object.keys(await samples("model_input_bin_total"))).toHaveLength(15);
    expect((await samples("model_input_bin_total"))[bin]).toBe(0);
    await predict(orders(208));
    await predict(orders(150));
    const counted = await samples("model_input_bin_total");
    expect(counted[bin]).toBe(2);
    expect(counted['feature="product_code",bin="SKU002"']).toBe(2);
  });

  test("counts a batch as one row", async () => {
    await service.post(`${ROUTE}/batch`, [orders(5), orders(5), orders(5), orders(995)]);
    const counted = await samples("model_input_bin_total");
    expect(counted['feature="orders_placed",bin="109"']).toBe(0.75);
    expect(counted['feature="orders_placed",bin="+Inf"']).toBe(0.25);
  });

  test("counts inputs outside the training range", async () => {
    await predict(orders(1_000));
    await predict(orders(1_001));
    await predict(orders(9));
    expect(await samples("model_input_outside_total")).toEqual({
      'feature="product_code"': 0,
      'feature="orders_placed"': 2,
    });
  });

  test.each([
    ["one input", ROUTE, orders(1_001)],
    ["one of many inputs", `${ROUTE}/batch`, [orders(100), orders(5_000), orders(100)]],
    ["a row in a form of MLflow", "/invocations", { dataframe_records: [orders(5_000)] }],
    [
      "a tensor",
      "/v2/models/time-to-dispatch/infer",
      {
        inputs: [
          { name: "product_code", shape: [1], datatype: "BYTES", data: ["SKU002"] },
          { name: "orders_placed", shape: [1], datatype: "INT32", data: [5_000] },
        ],
      },
    ],
  ])("tells of %s outside the training range", async (_, url, body) => {
    const { statusCode, headers } = await service.post(url, body);
    expect({ statusCode, names: headers["x-model-extrapolates"] }).toEqual({
      statusCode: 200,
      names: "orders_placed",
    });
  });

  test("keeps the header short and plain, whatever the features are called", async () => {
    await service.stop();
    const names = Array.from(
      { length: 12 },
      (_, index) => `${index}\ud800${"界".repeat(index === 0 ? 1 : 120)}`,
    );
    const many = [...features, ...names.map((name) => ({ name, type: "number" as const }))];
    const values = Float64Array.of(1, 2, 3);
    const data = { columns: many.map(() => values), target: values };
    const { modelClasses } = timeToDispatch;
    service = await startTestApp({ options: { name: "time-to-dispatch", modelClasses } });
    await service.storage.putModel({
      features: many,
      metadata: { profile: profileModel({ features: many, target, train: data, predictions: values }) },
    });
    await service.refresh();
    const input = Object.fromEntries(names.map((name) => [name, 7]));
    const { statusCode, headers } = await service.post("/predict", { ...orders(2), ...input });
    expect(statusCode).toBe(200);
    expect(headers["x-model-extrapolates"]).toBe("0%EF%BF%BD%E7%95%8C, ...");
  });

  test("tells of no extrapolation inside the training range, nor where nothing is predicted", async () => {
    expect((await predict(orders(1_000))).headers).not.toHaveProperty("x-model-extrapolates");
    const refused = await service.post(`${ROUTE}/batch`, [orders(5_000), orders(-1)]);
    expect(refused.statusCode).toBe(422);
    expect(refused.headers).not.toHaveProperty("x-model-extrapolates");
  });

  test("counts requests that are refused for an input, by feature and reason, from 0 on", async () => {
    const refused = async () => {
      const { payload } = await service.get("/metrics");
      const lines = payload.matchAll(
        /^model_input_refused_total\{feature="(.*)",reason="(.*)"\} ([1-9].*)$/gm,
      );
      return [...lines].map(([, feature, reason, count]) => `${feature} ${reason} ${count}`).sort();
    };
    expect((await service.get("/metrics")).payload).toContain(
      'model_input_refused_total{feature="product_code",reason="unknown_category"} 0',
    );
    await predict({ product_code: "SKU999", orders_placed: "many" });
    await predict({ product_code: null });
    await predict(orders(-1));
    await service.post(ROUTE, "{");
    const unknown = { product_code: "SKU999", orders_placed: 1 };
    await service.post(`${ROUTE}/batch`, [unknown, unknown, 7]);
    await service.post("/invocations", { instances: [unknown] });
    expect(await refused()).toEqual([
      " form 2",
      "orders_placed missing 1",
      "orders_placed out_of_bounds 1",
      "orders_placed wrong_type 1",
      "product_code null 1",
      "product_code unknown_category 3",
    ]);
  });

  test("counts refusals of ever other features as faults of the form, from 1,000 series on", () => {
    const refusals = new InputRefusals();
    const names = Array.from({ length: 1_100 }, (_, index) => `feature ${index}`);
    const model = { rows: { names: new Set(names) } };
    for (const name of names) {
      refusals.observe([{ loc: ["body", name], msg: "field required", type: "value_error.missing" }], model);
    }
    const all = [...refusals.all];
    expect(all).toHaveLength(1_001);
    expect(all.at(-1)).toEqual({ feature: "", reason: "form", count: 100 });
  });

  test("states the reference shares, rows and quantiles of the model", async () => {
    const shares = await samples("model_input_bin_reference_share");
    expect(shares['feature="product_code",bin="SKU001"']).toBeCloseTo(0.2, 12);
    expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(2, 12);
    expect(await samples("model_input_reference_rows")).toEqual({
      'feature="product_code"': 100,
      'feature="orders_placed"': 100,
    });
    expect((await samples("model_input_drift_quantile"))['feature="orders_placed"']).toBeCloseTo(27.877, 3);
  });

  test("counts predictions by the bins of their profile", async () => {
    await service.stop();
    service = await startTestApp({
      options: { name: "delivery", modelClasses: [linear] },
    });
    const rows = DELIVERY_FEATURES.map(() => Float64Array.of(0, 1, 1));
    const values = Float64Array.from({ length: 100 }, (_, row) => row + 1);
    const delivery = { features: DELIVERY_FEATURES, target: HOURS, predictions: values };
    await putDeliveryModel(service.storage, {
      profile: profileModel({ ...delivery, train: { columns: rows, target: values } }),
    });
    await service.refresh();
    const input = { distance: 100, parcels: 2, size: "S", depot: "north", express: false };
    expect((await service.post("/predict", input)).json()).toMatchObject({ prediction: 52 });
    const { payload } = await service.get("/metrics");
    expect(payload).toMatch(/^model_prediction_bin_total\{model_hash="\w+",feature="hours",bin="60.4"\} 1$/m);
    expect(payload).toMatch(/^model_prediction_outside_total\{model_hash="\w+",feature="hours"\} 0$/m);
  });

  test("has none of them for a model without a profile, and begins anew with each model", async () => {
    await predict(orders(150));
    await service.storage.putModel({ offset: 1, creationTime: new Date("2021-07-21T14:44:13.558Z") });
    await service.refresh();
    expect(await samples("model_input_bin_total")).toEqual({});
    const creationTime = new Date("2021-07-22T14:44:13.558Z");
    await service.storage.putModel({ offset: 2, creationTime, metadata: { profile } });
    await service.refresh();
    expect(Object.values(await samples("model_input_bin_total")).every((count) => count === 0)).toBe(true);
  });

  test.each([
    ["counts that are not its rows", { count: 99 }],
    ["deciles that do not ascend", { deciles: [1, 1, 2, 3, 4, 5, 6, 7, 8] }],
    ["a bin too few", { counts: [100] }],
    ["text for a number", { maximum: "1000" }],
  ])("ignores the profile of a column with %s", async (_, change) => {
    const wrong = { ...profile.features.orders_placed, ...change };
    const metadata = { profile: { ...profile, features: { ...profile.features, orders_placed: wrong } } };
    await service.storage.putModel({ metadata, creationTime: new Date("2021-07-23T14:44:13.558Z") });
    await service.refresh();
    expect(Object.keys(await samples("model_input_reference_rows"))).toEqual(['feature="product_code"']);
  });
});
