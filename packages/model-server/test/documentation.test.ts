import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sampleHours, sampleModel } from "@ml-pipelines/test-support/sample-model";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

let service: TestApp;
beforeAll(async () => {
  service = await startTestApp();
  await service.storage.putModel();
  await service.refresh();
});
afterAll(() => service.stop());

const order = (product: string, orders: number) => ({ product_code: product, orders_placed: orders });

describe("the pages and documents for browsers", () => {
  test("names every endpoint in /openapi.json and describes orders by the model's signature", async () => {
    const document = (await service.get("/openapi.json")).json<{
      openapi: string;
      paths: Record<string, object>;
      components: { schemas: Record<string, object> };
    }>();
    const content = (schema: string) => ({
      content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } },
    });
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
    expect(document.paths["/v2/models/{name}/infer"]).toMatchObject({
      post: { responses: { "4XX": content("InferenceError"), 503: content("InferenceError") } },
    });
    const forms = ["DataframeSplit", "DataframeRecords", "Instances", "Inputs", "InputArray"];
    expect(document.components.schemas.Invocations).toMatchObject({
      anyOf: forms.map((form) => ({ $ref: `#/components/schemas/${form}` })),
    });
    const text = JSON.stringify(document);
    const refs = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(refs).toContain("HTTPValidationError");
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(refs));
  });

  test("shows the model's own examples, or one made from its signature", async () => {
    const examples = async () => {
      const document = (await service.get("/openapi.json")).json<{
        components: { schemas: Record<string, { example: object }> };
      }>();
      const { Data, InferenceRequest } = document.components.schemas;
      return { order: Data!.example, inference: InferenceRequest!.example };
    };
    const made = await examples();
    expect(made.order).toEqual(order("SKU001", 100));
    expect((await service.post("/v2/models/time-to-dispatch/infer", made.inference)).json()).toMatchObject({
      outputs: [{ data: [sampleHours(0, 100)] }],
    });
    await service.storage.putModel({
      creationTime: new Date("2026-06-01T00:00:00Z"),
      metadata: { examples: [{ ...order("SKU002", 7), prediction: sampleHours(1, 7) }] },
    });
    await service.refresh();
    expect((await examples()).order).toEqual(order("SKU002", 7));
  });

  test.each([
    ["/", "text/html", "<h1>Time to dispatch</h1>"],
    ["/page/page.css", "text/css", "body"],
    ["/page/page.js", "text/javascript", "drawPlot"],
    ["/page/words.js", "text/javascript", "faultInWords"],
    ["/page/plot.js", "text/javascript", "export function drawPlot"],
    ["/docs", "text/html", 'id="swagger-ui"'],
    ["/page/api-key.js", "text/javascript", "fetchWithKey"],
    ["/docs/docs.css", "text/css", "swagger-ui"],
    ["/docs/docs.js", "text/javascript", "openapi.json"],
    ["/docs/swagger-ui.css", "text/css", "swagger-ui"],
    ["/docs/swagger-ui-bundle.js", "text/javascript", "SwaggerUIBundle"],
  ])("returns %s without content of other sites", async (url, type, content) => {
    const response = await service.get(url);
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe(`${type}; charset=utf-8`);
    expect(response.payload).toContain(content);
    if (type === "text/html") {
      expect(response.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(response.headers).toMatchObject({ "x-frame-options": "DENY", "referrer-policy": "no-referrer" });
      expect(response.payload).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    }
  });

  test.each(["/", "/docs/swagger-ui-bundle.js", "/openapi.json"])(
    "sends %s compressed, and once",
    async (url) => {
      const headers = { "accept-encoding": "gzip, deflate, br" };
      const compressed = await service.app.inject({ url, headers });
      expect(compressed.headers).toMatchObject({
        "content-encoding": "gzip",
        "cache-control": "no-cache",
        vary: "accept-encoding",
      });
      const plain = await service.app.inject({ url, headers: { "accept-encoding": "gzip;q=0" } });
      expect(plain.headers["content-encoding"]).toBeUndefined();
      expect(gunzipSync(compressed.rawPayload).equals(plain.rawPayload)).toBe(true);
      const etag = String(plain.headers.etag);
      const again = await service.app.inject({ url, headers: { ...headers, "if-none-match": etag } });
      expect([again.statusCode, again.rawPayload.length]).toEqual([304, 0]);
    },
  );

  test("forbids sniffing, framing and caching", async () => {
    expect((await service.get("/healthz")).headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "cache-control": "no-store",
    });
  });
});
