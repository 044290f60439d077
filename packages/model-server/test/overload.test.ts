import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

describe("an overloaded service", () => {
  let service: TestApp;
  let isLate = false;
  beforeAll(async () => {
    service = await startTestApp({ isLate: () => isLate });
    await service.storage.putModel();
    await service.refresh();
  });
  afterAll(() => service.stop());

  const predict = async () =>
    service.app.inject({
      method: "POST",
      url: "/api/v0.1/time_to_dispatch",
      payload: { product_code: "SKU001", orders_placed: 1 },
    });

  test("rejects predictions with 503, answers health checks, and recovers", async () => {
    expect((await predict()).statusCode).toBe(200);
    isLate = true;
    const refused = await predict();
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([503, "1"]);
    expect(refused.json()).toEqual({ detail: "The service is too busy, try again later" });
    expect((await service.app.inject("/healthz")).statusCode).toBe(200);
    expect((await service.app.inject("/readyz")).statusCode).toBe(200);
    expect((await service.app.inject("/metrics")).payload).toContain(
      'http_request_duration_seconds_count{method="POST",route="/api/v0.1/time_to_dispatch",code="503"} 1',
    );
    isLate = false;
    expect((await predict()).statusCode).toBe(200);
  });
});
