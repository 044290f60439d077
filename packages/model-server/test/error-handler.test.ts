import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { ModelHolder } from "../src/model/model-holder.js";
import { ServedModel } from "../src/model/served-model.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

describe("an internal error", () => {
  let service: TestApp;
  beforeAll(async () => {
    service = await startTestApp();
    await service.storage.putModel();
    await service.refresh();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    service.lines.length = 0;
  });
  afterAll(() => service.stop());

  const breaks = (): never => {
    throw new Error("it broke at 0x1234");
  };
  const URL = "/api/v0.1/time_to_dispatch";
  const ORDER = { product_code: "SKU001", orders_placed: 1 };

  test.each([
    ["before anything is known of the request", () => jest.spyOn(ModelHolder.prototype, "current", "get")],
    ["in the prediction", () => jest.spyOn(ServedModel.prototype, "predict")],
  ])("returns 500 without its reason, which is logged: %s", async (_name, spyOn) => {
    spyOn().mockImplementation(breaks);
    const response = await service.post(`${URL}?token=secret`, ORDER);
    expect([response.statusCode, response.json()]).toEqual([500, { detail: "Internal Server Error" }]);
    expect(response.headers).toMatchObject({
      "x-request-id": expect.any(String),
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    expect(service.lines).toContain(`ERROR Could not answer POST ${URL}`);
    expect(service.lines.join("\n")).not.toContain("secret");
    jest.restoreAllMocks();
    expect((await service.post(URL, ORDER)).statusCode).toBe(200);
    expect((await service.get("/metrics")).payload).toMatch(
      /seconds_count\{method="POST",route="\/api\/v0\.1\/time_to_dispatch",code="500"\} [12]\n/,
    );
  });
});
