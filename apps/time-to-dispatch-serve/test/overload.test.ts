import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startTestApp, type TestApp } from "./support/test-app.js";

/** Keep the event loop so busy that each turn of it takes 400 ms. */
async function overload(milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    const turn = Date.now() + 400;
    while (Date.now() < turn);
    await new Promise(setImmediate);
  }
}

describe("a service that cannot keep up", () => {
  let service: TestApp;
  beforeAll(async () => {
    service = await startTestApp();
    await service.storage.putModel();
    await service.refresh();
    await service.app.ready();
  });
  afterAll(() => service.stop());

  const predict = async () =>
    service.app.inject({
      method: "POST",
      url: "/api/v0.1/time_to_dispatch",
      payload: { product_code: "SKU001", orders_placed: 1 },
    });

  test("turns predictions away, answers for its health, and recovers", async () => {
    expect((await predict()).statusCode).toBe(200);
    await overload(2_500);
    const refused = await predict();
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([503, "1"]);
    expect(refused.json()).toEqual({ detail: "The service is too busy, try again later" });
    expect((await service.app.inject("/healthz")).statusCode).toBe(200);
    expect((await service.app.inject("/metrics")).payload).toContain(
      'http_request_duration_seconds_count{method="POST",route="/api/v0.1/time_to_dispatch",code="503"} 1',
    );
    while ((await predict()).statusCode !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
  });
});
