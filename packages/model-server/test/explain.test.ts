import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sampleHours } from "@ml-pipelines/test-support/sample-model";
import { linear, putDeliveryModel } from "./support/delivery-model.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

const ROUTE = "/api/v0.1/time_to_dispatch";
const order = (product: string, orders: number) => ({ product_code: product, orders_placed: orders });

describe("a model with counts and an interval", () => {
  let service: TestApp;
  beforeAll(async () => {
    service = await startTestApp();
    await service.storage.putModel({
      counted: true,
      metadata: { interval: { level: 0.9, n: 200, q: 1.5 } },
    });
    await service.refresh();
  });
  afterAll(() => service.stop());

  // Five products and two sizes of orders, with as many rows each.
  const mean = expect.closeTo(23, 9);

  test("answers why and how sure when a request asks with explain=true", async () => {
    const response = await service.post(`${ROUTE}?explain=true`, order("SKU002", 80));
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      est_hours_to_dispatch: sampleHours(1, 80),
      model_version: expect.stringContaining("name:time-to-dispatch|"),
      interval: { level: 0.9, low: 14, high: 17 },
      explanation: {
        mean,
        contributions: { product_code: expect.closeTo(-10, 9), orders_placed: expect.closeTo(2.5, 9) },
        path: [
          expect.objectContaining({ words: "product_code SKU002 is one of SKU002, SKU003, SKU004, SKU005" }),
          expect.objectContaining({ words: "product_code is SKU002" }),
          {
            feature: "orders_placed",
            threshold: expect.closeTo(50, 9),
            side: "right",
            samples: 10,
            mean: sampleHours(1, 80),
            words: "orders_placed 80 is above 50",
          },
        ],
      },
    });
  });

  test("answers a batch with an interval and an explanation for each input", async () => {
    const response = await service.post(`${ROUTE}/batch?explain=true`, [
      order("SKU001", 1),
      order("SKU005", 99),
    ]);
    expect(response.json()).toEqual({
      est_hours_to_dispatch: [sampleHours(0, 1), sampleHours(4, 99)],
      model_version: expect.any(String),
      intervals: [
        { level: 0.9, low: -1, high: 2 },
        { level: 0.9, low: 44, high: 47 },
      ],
      explanations: [-20, 20].map((product) => ({
        mean,
        contributions: {
          product_code: expect.closeTo(product, 9),
          orders_placed: expect.closeTo(Math.sign(product) * 2.5, 9),
        },
      })),
    });
  });

  test.each(["", "?explain=false"])("answers the prediction alone to %p", async (query) => {
    const response = await service.post(ROUTE + query, order("SKU002", 80));
    expect(Object.keys(response.json<object>())).toEqual(["est_hours_to_dispatch", "model_version"]);
  });

  test("rejects explain when it is neither true nor false", async () => {
    const response = await service.post(`${ROUTE}?explain=perhaps`, order("SKU002", 80));
    expect(response.statusCode).toBe(422);
    expect(response.json()).toEqual({
      detail: [
        {
          loc: ["query", "explain"],
          msg: "value could not be parsed to a boolean",
          type: "type_error.bool",
        },
      ],
    });
  });

  test("names a wrong input before it explains", async () => {
    const response = await service.post(`${ROUTE}?explain=true`, order("SKU999", 80));
    expect(response.statusCode).toBe(422);
  });
});

describe("a model that cannot explain", () => {
  test.each(["", "/batch"])("answers 409 with the reason when a tree has no counts: %p", async (end) => {
    const service = await startTestApp();
    await service.storage.putModel();
    await service.refresh();
    const input = order("SKU001", 1);
    const response = await service.post(`${ROUTE}${end}?explain=true`, end === "" ? input : [input]);
    await service.stop();
    expect(response.statusCode).toBe(409);
    expect(response.json()).toEqual({
      detail:
        "This model cannot explain its predictions: the tree carries no counts: its nodes have no samples. " +
        "Train the model again to explain it",
    });
  });

  test("answers 409 when its class has no explain", async () => {
    const service = await startTestApp({
      options: {
        name: "delivery",
        title: "Delivery",
        route: "/hours",
        prediction: "hours_needed",
        modelClasses: [linear],
      },
    });
    await putDeliveryModel(service.storage);
    await service.refresh();
    const input = { distance: 1, parcels: 1, size: "S", depot: "north", express: false };
    const response = await service.post("/hours?explain=true", input);
    await service.stop();
    expect(response.statusCode).toBe(409);
    expect(response.json()).toEqual({ detail: "Models of type Linear do not explain their predictions" });
  });
});
