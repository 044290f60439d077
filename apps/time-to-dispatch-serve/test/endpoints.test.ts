import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readRecordings } from "./support/fastapi-bodies.js";
import { sampleHours, sampleModel } from "./support/sample-model.js";
import { BUCKET } from "./support/storage.js";
import { startTestApp, type TestApp } from "./support/test-app.js";

let service: TestApp;
let key = "";
beforeAll(async () => {
  service = await startTestApp();
  key = await service.storage.putModel({
    metadata: { metrics: { r_squared: 0.974, mean_absolute_error: 0.915, note: "no number" } },
  });
  await service.refresh();
});
afterAll(() => service.stop());

const order = (product: string, orders: number) => ({ product_code: product, orders_placed: orders });
const get = async (url: string) => service.app.inject({ method: "GET", url });
const post = async (url: string, payload: string | object) =>
  service.app.inject({ method: "POST", url, payload, headers: { "content-type": "application/json" } });
const HOURS = [sampleHours(1, 60), sampleHours(0, 1)];
const ORDERS = [order("SKU002", 60), order("SKU001", 1)];

describe("POST /api/v0.1/time_to_dispatch/batch", () => {
  const URL = "/api/v0.1/time_to_dispatch/batch";

  test("predicts in order", async () => {
    const response = await post(URL, ORDERS);
    expect(response.json()).toEqual({ est_hours_to_dispatch: HOURS, model_version: String(sampleModel()) });
    expect((await post(URL, [])).json()).toMatchObject({ est_hours_to_dispatch: [] });
  });

  test.each(Object.entries(readRecordings().batch))(
    "answers as FastAPI does: %s",
    async (_name, { request, status, body }) => {
      const response = await post(URL, request);
      expect([response.statusCode, response.json()]).toEqual([status, body]);
    },
  );

  test("takes 10,000 orders, and no more", async () => {
    const many = Array.from({ length: 10_001 }, (_, index) => order("SKU003", index % 100));
    const all = await post(URL, many.slice(1));
    expect(all.json<{ est_hours_to_dispatch: number[] }>().est_hours_to_dispatch).toEqual(
      many.slice(1).map(({ orders_placed }) => sampleHours(2, orders_placed)),
    );
    const refused = await post(URL, many);
    expect(refused.statusCode).toBe(422);
    expect(refused.json()).toEqual({
      detail: [
        {
          loc: ["body"],
          msg: "ensure this value has at most 10000 items",
          type: "value_error.list.max_items",
          ctx: { limit_value: 10_000 },
        },
      ],
    });
  });

  test("refuses a larger body", async () => {
    const response = await post(URL, `[${" ".repeat(1_048_576)}]`);
    expect(response.json()).toEqual({
      detail: "The request's body is too large: the limit is 1048576 bytes",
    });
  });
});

describe("the model", () => {
  test("is described with its lineage, metrics and signature", async () => {
    expect((await get("/api/v0.1/model")).json()).toEqual({
      name: "time-to-dispatch",
      model_type: "DTRegression",
      model_version: String(sampleModel()),
      model_timestamp: "2021-07-20T14:44:13.558Z",
      model_hash: sampleModel().modelHash,
      model_address: `s3://${BUCKET}/${key}`,
      loaded_at: expect.stringMatching(/^\d{4}-.*Z$/),
      train_dataset: {
        bucket: "data",
        key: "datasets/time_to_dispatch_2021-07-01T16|45|38.csv",
        hash: "759eccda4ceb7a07cda66ad4ef7cdfbc",
      },
      pipeline_git_commit_hash: "NA",
      metrics: { r_squared: 0.974, mean_absolute_error: 0.915 },
      features: [
        {
          name: "product_code",
          type: "category",
          categories: ["SKU001", "SKU002", "SKU003", "SKU004", "SKU005"],
        },
        { name: "orders_placed", type: "number", minimum: 0 },
      ],
    });
  });

  test("is drawn by all its steps", async () => {
    const curves = (await get("/api/v0.1/model/curves")).json<{ est_hours_to_dispatch: object }>();
    expect(curves).toMatchObject({ orders_placed: [0, 50] });
    expect(curves.est_hours_to_dispatch).toMatchObject({ SKU001: [0.5, 5.5], SKU005: [40.5, 45.5] });
  });
});

describe("POST /invocations", () => {
  test.each<[string, object]>([
    ["dataframe_records", { dataframe_records: ORDERS }],
    ["instances", { instances: ORDERS }],
    ["inputs", { inputs: ORDERS }],
    ["columns of inputs", { inputs: { orders_placed: [60, 1], product_code: ["SKU002", "SKU001"] } }],
    [
      "dataframe_split",
      {
        dataframe_split: {
          columns: ["orders_placed", "product_code"],
          data: [
            [60, "SKU002"],
            [1, "SKU001"],
          ],
        },
      },
    ],
    ["an array of orders", ORDERS],
  ])("takes %s", async (_name, body) => {
    const response = await post("/invocations", body);
    expect([response.statusCode, response.json()]).toEqual([200, { predictions: HOURS }]);
  });

  test("says what is wrong, and where", async () => {
    expect((await post("/invocations", { rows: [] })).json()).toEqual({
      detail:
        "The body has none of dataframe_records, instances, inputs, dataframe_split, and is no array of orders",
    });
    expect((await post("/invocations", { dataframe_split: { columns: [] } })).json()).toEqual({
      detail: "dataframe_split has not both columns and data, each an array",
    });
    // Half a megabyte of each would make ten thousand million cells.
    const [columns, data] = [Array(130_000).fill("a"), Array(170_000).fill([])];
    expect((await post("/invocations", { dataframe_split: { columns, data } })).json()).toEqual({
      detail: "dataframe_split.data[0] is no array of 130000, one a column",
    });
    expect((await post("/invocations", { inputs: { orders_placed: 60 } })).json()).toEqual({
      detail: "inputs.orders_placed is no array",
    });
    expect(
      (await post("/invocations", { inputs: { orders_placed: [60], product_code: [] } })).json(),
    ).toEqual({ detail: "inputs are not of one length: orders_placed has 1 elements, product_code has 0" });
    expect((await post("/invocations", { instances: [...ORDERS, order("SKU000", 1)] })).json()).toMatchObject(
      {
        detail: [{ loc: ["body", "instances", 2, "product_code"] }],
      },
    );
  });
});

describe("the Open Inference Protocol", () => {
  const URL = "/v2/models/time-to-dispatch";
  const products = { name: "product_code", shape: [2], datatype: "BYTES", data: ["SKU002", "SKU001"] };
  const placed = { name: "orders_placed", shape: [2, 1], datatype: "FP32", data: [[60], [1]] };

  test("describes the server and the model", async () => {
    expect((await get("/v2")).json()).toMatchObject({ name: "time-to-dispatch-serve", extensions: [] });
    expect((await get(URL)).json()).toEqual({
      name: "time-to-dispatch",
      versions: [sampleModel().modelHash],
      platform: "ml-cart",
      inputs: [
        { name: "product_code", datatype: "BYTES", shape: [-1] },
        { name: "orders_placed", datatype: "FP64", shape: [-1] },
      ],
      outputs: [{ name: "est_hours_to_dispatch", datatype: "FP64", shape: [-1] }],
    });
    expect((await get(`${URL}/ready`)).json()).toEqual({ name: "time-to-dispatch", ready: true });
    expect((await get("/v2/health/live")).json()).toEqual({ live: true });
    expect((await get("/v2/health/ready")).json()).toEqual({ ready: true });
    const other = await get("/v2/models/other");
    expect([other.statusCode, other.json()]).toEqual([
      404,
      { error: 'no model is named "other", only time-to-dispatch' },
    ]);
  });

  test("predicts tensors", async () => {
    const response = await post(`${URL}/infer`, { id: "42", inputs: [placed, products] });
    expect(response.json()).toEqual({
      model_name: "time-to-dispatch",
      model_version: sampleModel().modelHash,
      id: "42",
      outputs: [{ name: "est_hours_to_dispatch", shape: [2], datatype: "FP64", data: HOURS }],
    });
  });

  test.each<[unknown, string]>([
    [{}, "inputs is missing, expected an array of tensors"],
    [{ inputs: [products] }, "inputs has no tensor named orders_placed"],
    [
      { inputs: [products, { ...placed, datatype: "BYTES" }] },
      "datatype of orders_placed is BYTES, expected a numeric one",
    ],
    [
      { inputs: [{ ...products, datatype: "FP64" }, placed] },
      "datatype of product_code is FP64, expected BYTES",
    ],
    [
      { inputs: [products, { ...placed, shape: [1, 2] }] },
      "shape of orders_placed is [1,2], expected [n] or [n, 1]",
    ],
    [
      { inputs: [products, { ...placed, shape: [3] }] },
      "data of orders_placed has 2 elements, expected 3 by its shape",
    ],
    [
      { inputs: [products, { ...placed, shape: [1], data: [1] }] },
      "inputs are not of one length: product_code has 2 elements, orders_placed has 1",
    ],
    [
      { inputs: [products, { ...placed, shape: [1e9] }] },
      "orders_placed has 1000000000 elements, expected at most 10000",
    ],
    [
      { inputs: [products, { ...placed, data: [1, -1] }] },
      "inputs.1.orders_placed: ensure this value is greater than or equal to 0.0",
    ],
  ])("refuses %j", async (body, reason) => {
    const response = await post(`${URL}/infer`, JSON.stringify(body));
    expect(response.statusCode).toBe(400);
    expect(response.json<{ error: string }>().error).toContain(reason);
  });

  test.each([
    ["an unknown address", "/v2/nope", "GET", 404, ""],
    ["another method", "/v2", "POST", 405, ""],
    ["a body that is too large", `${URL}/infer`, "POST", 413, " ".repeat(1_048_577)],
    ["a body that is no JSON", `${URL}/infer`, "POST", 400, "{"],
  ] as const)("has its own form of errors: %s", async (_name, url, method, status, payload) => {
    const headers = { "content-type": "application/json" };
    const response = await service.app.inject({ method, url, payload, headers });
    expect([response.statusCode, response.json()]).toEqual([status, { error: expect.any(String) }]);
  });
});

describe("GET /metrics", () => {
  const value = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1]);

  test("counts requests, errors, predictions and looks, and names the model", async () => {
    const before = (await get("/metrics")).payload;
    await post("/api/v0.1/time_to_dispatch", ORDERS[0]!);
    await post("/api/v0.1/time_to_dispatch", {});
    await get("/nowhere");
    const response = await get("/metrics");
    expect(response.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    const after = response.payload;
    const grew = (pattern: RegExp): number => value(after, pattern) - (value(before, pattern) || 0);
    const requests = (code: number) =>
      new RegExp(
        `http_request_duration_seconds_count\\{method="POST",route="/api/v0.1/time_to_dispatch",code="${code}"\\} (\\d+)`,
      );
    expect(grew(requests(200))).toBe(1);
    expect(grew(requests(422))).toBe(1);
    expect(after).toMatch(
      /http_request_duration_seconds_count\{method="any",route="unmatched",code="404"\} \d/,
    );
    expect(grew(/predicted_hours_to_dispatch_count\{product_code="SKU002"\} (\d+)/)).toBe(1);
    expect(after).toContain('model_refreshes_total{outcome="loaded"} 1');
    expect(after).toContain('model_refreshes_total{outcome="refused"} 0');
    expect(after).toContain("model_newest_refused 0");
    expect(after).toContain(
      `model_info{name="time-to-dispatch",model_type="DTRegression",model_hash="${sampleModel().modelHash}",model_key="${key}",` +
        'train_dataset_key="datasets/time_to_dispatch_2021-07-01T16|45|38.csv",train_dataset_hash="759eccda4ceb7a07cda66ad4ef7cdfbc",commit="NA"} 1',
    );
    const hash = `\\{model_hash="${sampleModel().modelHash}"\\}`;
    expect(value(after, new RegExp(`model_created_timestamp_seconds${hash} (\\S+)`))).toBe(
      Date.parse("2021-07-20T14:44:13.558Z") / 1000,
    );
    expect(value(after, new RegExp(`dataset_timestamp_seconds${hash} (\\S+)`))).toBe(
      Date.parse("2021-07-01T16:45:38Z") / 1000,
    );
    expect(value(after, new RegExp(`dataset_age_seconds${hash} (\\S+)`))).toBeGreaterThan(1e8);
    expect(after).toMatch(/process_cpu_seconds_total \d/);
  });
});

describe("what browsers are given", () => {
  test("names every endpoint in /openapi.json, orders by the model's signature", async () => {
    const document = (await get("/openapi.json")).json<{
      openapi: string;
      paths: Record<string, object>;
      components: { schemas: Record<string, object> };
    }>();
    expect(document.openapi).toBe("3.0.3");
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        "/api/v0.1/time_to_dispatch",
        "/api/v0.1/time_to_dispatch/batch",
        "/api/v0.1/model",
        "/invocations",
        "/v2/models/{name}/infer",
        "/readyz",
      ]),
    );
    expect(document.components.schemas.Data).toMatchObject({
      required: ["product_code", "orders_placed"],
      properties: {
        product_code: {
          enum: sampleModel().features.flatMap((f) => (f.type === "category" ? f.categories : [])),
        },
      },
    });
    const text = JSON.stringify(document);
    const refs = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(refs).toContain("HTTPValidationError");
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(refs));
  });

  test("shows examples that the model takes: its own, or one made of its signature", async () => {
    const examples = async () => {
      const document = (await get("/openapi.json")).json<{
        components: { schemas: Record<string, { example: object }> };
      }>();
      const { Data, InferenceRequest } = document.components.schemas;
      return { order: Data!.example, inference: InferenceRequest!.example };
    };
    const made = await examples();
    expect(made.order).toEqual(order("SKU001", 100));
    expect((await post("/v2/models/time-to-dispatch/infer", made.inference)).json()).toMatchObject({
      outputs: [{ data: [sampleHours(0, 100)] }],
    });
    await service.storage.putModel({
      creationTime: new Date("2027-01-01T00:00:00Z"),
      metadata: { examples: [{ ...order("SKU002", 7), prediction: sampleHours(1, 7) }] },
    });
    await service.refresh();
    expect((await examples()).order).toEqual(order("SKU002", 7));
  });

  test.each([
    ["/", "text/html", "<h1>Time to dispatch</h1>"],
    ["/page/page.css", "text/css", "body"],
    ["/page/page.js", "text/javascript", "drawPlot"],
    ["/page/plot.js", "text/javascript", "export function drawPlot"],
    ["/docs", "text/html", 'id="swagger-ui"'],
    ["/docs/docs.js", "text/javascript", "openapi.json"],
    ["/docs/swagger-ui.css", "text/css", "swagger-ui"],
    ["/docs/swagger-ui-bundle.js", "text/javascript", "SwaggerUIBundle"],
  ])("is %s, from this service only", async (url, type, content) => {
    const response = await get(url);
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe(`${type}; charset=utf-8`);
    expect(response.payload).toContain(content);
    if (type === "text/html") {
      expect(response.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(response.headers).toMatchObject({ "x-frame-options": "DENY", "referrer-policy": "no-referrer" });
      expect(response.payload).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    }
  });

  test("may not be sniffed, framed or cached", async () => {
    expect((await get("/healthz")).headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "cache-control": "no-store",
    });
  });
});
