import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readRecordings } from "./support/fastapi-bodies.js";
import { sampleHours, sampleModel } from "@ml-pipelines/test-support/sample-model";
import { BUCKET } from "@ml-pipelines/test-support/model-storage";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

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
const HOURS = [sampleHours(1, 60), sampleHours(0, 1)];
const ORDERS = [order("SKU002", 60), order("SKU001", 1)];

describe("POST /api/v0.1/time_to_dispatch/batch", () => {
  const URL = "/api/v0.1/time_to_dispatch/batch";

  test("predicts in the order of the request", async () => {
    const response = await service.post(URL, ORDERS);
    expect(response.json()).toEqual({ est_hours_to_dispatch: HOURS, model_version: String(sampleModel()) });
    expect((await service.post(URL, [])).json()).toMatchObject({ est_hours_to_dispatch: [] });
  });

  const { batch } = readRecordings();
  test.each(Object.entries(batch).filter(([name]) => name !== "broken"))(
    "answers as FastAPI does: %s",
    async (_name, { request, status, body }) => {
      const response = await service.post(URL, request);
      expect([response.statusCode, response.json()]).toEqual([status, body]);
    },
  );

  test("names the fault of a body that is not JSON", async () => {
    const response = await service.post(URL, batch.broken!.request);
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ detail: [{ type: "value_error.jsondecode" }] });
  });

  test("accepts 10,000 orders and rejects more", async () => {
    const many = Array.from({ length: 10_001 }, (_, index) => order("SKU003", index % 100));
    const all = await service.post(URL, many.slice(1));
    expect(all.json<{ est_hours_to_dispatch: number[] }>().est_hours_to_dispatch).toEqual(
      many.slice(1).map(({ orders_placed }) => sampleHours(2, orders_placed)),
    );
    const refused = await service.post(URL, many);
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

  test("rejects a body of more than 1 MiB", async () => {
    const response = await service.post(URL, `[${" ".repeat(1_048_576)}]`);
    expect(response.json()).toEqual({
      detail: "The request's body is too large: the limit is 1048576 bytes",
    });
  });
});

describe("GET /api/v0.1/model", () => {
  test("describes the model by its lineage, metrics and signature", async () => {
    expect((await service.get("/api/v0.1/model")).json()).toEqual({
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
        timestamp: "2021-07-01T16:45:38.000Z",
      },
      pipeline_git_commit_hash: "NA",
      metrics: { r_squared: 0.974, mean_absolute_error: 0.915 },
      exact_curves: true,
      explains: false,
      features: [
        {
          name: "product_code",
          type: "category",
          categories: ["SKU001", "SKU002", "SKU003", "SKU004", "SKU005"],
        },
        { name: "orders_placed", type: "number", minimum: 0 },
      ],
      typical: { product_code: "SKU001", orders_placed: 100 },
    });
  });

  test("returns all steps of its curves", async () => {
    const curves = (await service.get("/api/v0.1/model/curves")).json<{ est_hours_to_dispatch: object }>();
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
    ["an array of inputs", ORDERS],
  ])("accepts %s", async (_name, body) => {
    const response = await service.post("/invocations", body);
    expect([response.statusCode, response.json()]).toEqual([200, { predictions: HOURS }]);
  });

  const BAD_REQUEST = (message: string): object => ({ error_code: "BAD_REQUEST", message });

  test("names the place of a fault, its value and what was expected", async () => {
    const refusal = async (body: object): Promise<unknown> => {
      const response = await service.post("/invocations", body);
      expect(response.statusCode).toBe(400);
      return response.json();
    };
    const unnamed = { columns: ["orders_placed", { toString: 1 }], data: [] };
    expect(await refusal({ dataframe_split: unnamed })).toEqual(
      BAD_REQUEST("dataframe_split.columns[1] is an object, expected a name"),
    );
    expect(await refusal({ inputs: { orders_placed: 60 } })).toEqual(
      BAD_REQUEST("inputs.orders_placed is 60, expected an array"),
    );
    // The larger body exceeds 16 KiB, so its unknown columns are not even built.
    for (const rows of [1, 10_000]) {
      expect(await refusal({ inputs: { unknown: Array(rows).fill(1) } })).toEqual(
        BAD_REQUEST("inputs.0.product_code: field required; inputs.0.orders_placed: field required"),
      );
    }
    const permitted = ["SKU001", "SKU002", "SKU003", "SKU004", "SKU005"].map((sku) => `'${sku}'`).join(", ");
    expect(await refusal({ instances: [...ORDERS, order("SKU000", 1)] })).toEqual(
      BAD_REQUEST(
        `instances.2.product_code: value is not a valid enumeration member; permitted: ${permitted}`,
      ),
    );
  });

  test("rejects a split of too many rows or columns at once", async () => {
    // Half a megabyte of each would make ten thousand million cells.
    const columns = Array.from({ length: 70_000 }, (_, index) => index);
    const data = Array(170_000).fill([]);
    expect((await service.post("/invocations", { dataframe_split: { columns, data } })).json()).toEqual(
      BAD_REQUEST("dataframe_split.data has 170000 rows, expected at most 10000"),
    );
    data.length = 10_000;
    expect((await service.post("/invocations", { dataframe_split: { columns, data } })).json()).toEqual(
      BAD_REQUEST("dataframe_split.data[0] has 0 values, expected an array of 70000"),
    );
  });
});

describe("GET /report", () => {
  test("renders the card of the model that is served, which may load nothing", async () => {
    const { statusCode, headers, payload } = await service.get("/report");
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
    });
    expect(payload).toContain("<h1>Model card: time-to-dispatch</h1>");
    expect(payload).toContain(`<dd>s3://${BUCKET}/${key}</dd>`);
    expect(payload).toContain("Prediction against orders placed, product code SKU001");
    const again = await service.app.inject({ url: "/report", headers: { "if-none-match": headers.etag } });
    expect(again.statusCode).toBe(304);
  });
});

describe("GET /metrics", () => {
  const value = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1]);

  test("counts requests, errors, predictions and looks, and names the model", async () => {
    const before = (await service.get("/metrics")).payload;
    await service.post("/api/v0.1/time_to_dispatch", ORDERS[0]!);
    await service.post("/api/v0.1/time_to_dispatch", {});
    await service.get("/nowhere");
    const response = await service.get("/metrics");
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
    expect(after).toContain("model_refused 0");
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
