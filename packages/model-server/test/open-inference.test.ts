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

describe("the Open Inference Protocol", () => {
  const URL = "/v2/models/time-to-dispatch";
  const products = { name: "product_code", shape: [2], datatype: "BYTES", data: ["SKU002", "SKU001"] };
  const placed = { name: "orders_placed", shape: [2, 1], datatype: "FP32", data: [[60], [1]] };

  test("describes the server and the model", async () => {
    expect((await service.get("/v2")).json()).toMatchObject({
      name: "time-to-dispatch-serve",
      extensions: [],
    });
    expect((await service.get(URL)).json()).toEqual({
      name: "time-to-dispatch",
      versions: [sampleModel().modelHash],
      platform: "DTRegression",
      inputs: [
        { name: "product_code", datatype: "BYTES", shape: [-1] },
        { name: "orders_placed", datatype: "FP64", shape: [-1] },
      ],
      outputs: [{ name: "est_hours_to_dispatch", datatype: "FP64", shape: [-1] }],
    });
    expect((await service.get(`${URL}/ready`)).json()).toEqual({ name: "time-to-dispatch", ready: true });
    expect((await service.get("/v2/health/live")).json()).toEqual({ live: true });
    expect((await service.get("/v2/health/ready")).json()).toEqual({ ready: true });
    const other = await service.get("/v2/models/other");
    expect([other.statusCode, other.json()]).toEqual([
      404,
      { error: 'no model is named "other", only time-to-dispatch' },
    ]);
  });

  test("predicts from tensors", async () => {
    const response = await service.post(`${URL}/infer`, { id: "42", inputs: [placed, products] });
    expect(response.json()).toEqual({
      model_name: "time-to-dispatch",
      model_version: sampleModel().modelHash,
      id: "42",
      outputs: [
        {
          name: "est_hours_to_dispatch",
          shape: [2],
          datatype: "FP64",
          data: [sampleHours(1, 60), sampleHours(0, 1)],
        },
      ],
    });
  });

  test.each<[unknown, string]>([
    [{}, "inputs is missing, expected an array of tensors"],
    [{ inputs: [products] }, "inputs has no tensor named orders_placed"],
    [
      { inputs: [products, { ...placed, datatype: "BYTES" }] },
      "datatype of orders_placed is BYTES, expected FP64, FP32 or an integer type",
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
      "data of orders_placed has length 2, expected 3 by its shape",
    ],
    [
      { inputs: [products, { ...placed, shape: [1], data: [1] }] },
      "inputs are not of one length: product_code has length 2, orders_placed has length 1",
    ],
    [
      { inputs: [products, { ...placed, shape: [1e9] }] },
      "orders_placed has 1000000000 elements, expected at most 10000",
    ],
    [
      { inputs: [products, { ...placed, data: [1, -1] }] },
      "inputs.1.orders_placed: ensure this value is greater than or equal to 0.0",
    ],
    [
      { inputs: [products, { ...placed, datatype: { toString: 1 } }] },
      "datatype of orders_placed is an object, expected FP64, FP32 or an integer type",
    ],
    [
      { inputs: [products, { ...placed, shape: [[2]] }] },
      "shape of orders_placed is an array of 1, expected [n] or [n, 1]",
    ],
  ])("rejects %j", async (body, reason) => {
    const response = await service.post(`${URL}/infer`, JSON.stringify(body));
    expect(response.statusCode).toBe(400);
    expect(response.json<{ error: string }>().error).toContain(reason);
  });

  test.each(["datatype", "shape"])("rejects a %s with 100,000 levels of arrays", async (property) => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const tensor = JSON.stringify({ ...placed, [property]: "deep" }).replace('"deep"', deep);
    const response = await service.post(
      `${URL}/infer`,
      `{"inputs": [${JSON.stringify(products)}, ${tensor}]}`,
    );
    const error = expect.stringContaining(`${property} of orders_placed is an array of 1, expected`);
    expect([response.statusCode, response.json()]).toEqual([400, { error }]);
  });

  test.each([
    [URL, "GET"],
    [`${URL}/ready`, "GET"],
    [`${URL}/infer`, "POST"],
  ])("names the allowed methods of %s", async (url, allowed) => {
    const response = await service.app.inject({ method: "DELETE", url });
    expect([response.statusCode, response.headers.allow]).toEqual([405, allowed]);
  });

  test.each([
    ["an unknown address", "/v2/nope", "GET", 404, ""],
    ["another method", "/v2", "POST", 405, ""],
    ["a body that is too large", `${URL}/infer`, "POST", 413, " ".repeat(1_048_577)],
    ["a body that is no JSON", `${URL}/infer`, "POST", 400, "{"],
  ] as const)("returns errors in the protocol's form for %s", async (_name, url, method, status, payload) => {
    const headers = { "content-type": "application/json" };
    const response = await service.app.inject({ method, url, payload, headers });
    expect([response.statusCode, response.json()]).toEqual([status, { error: expect.any(String) }]);
  });
});
