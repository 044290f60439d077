import { afterEach, describe, expect, test } from "@jest/globals";
import { createModelServer } from "@ml-pipelines/model-server";
import { startListeningApp } from "./support/listening-app.js";
import type { ListeningApp } from "./support/listening-app.js";
import { timeToDispatch } from "./support/time-to-dispatch.mjs";

const SHOP = "https://shop.example";
const ROUTE = "/api/v0.1/time_to_dispatch";

describe("scripts of other origins", () => {
  let service: ListeningApp;
  afterEach(() => service.stop());

  const start = async (corsOrigins?: readonly string[]): Promise<void> => {
    service = await startListeningApp(corsOrigins === undefined ? {} : { corsOrigins });
  };
  const ask = async (path: string, options: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${service.port}${path}`, options);
  const preflight = async (origin: string, path = ROUTE): Promise<Response> =>
    ask(path, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
  const post = async (origin: string, body: string): Promise<Response> =>
    ask(ROUTE, { method: "POST", headers: { origin, "content-type": "application/json" }, body });

  test("gets no permission unless an option names origins", async () => {
    await start();
    const response = await post(SHOP, '{"product_code": "SKU001", "orders_placed": 1}');
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, null]);
    expect((await preflight(SHOP)).status).toBe(405);
  });

  test("answers a preflight, predictions and errors of an origin that is named", async () => {
    await start([SHOP, "http://localhost:5173"]);
    const permitted = await preflight(SHOP);
    expect(permitted.status).toBe(204);
    expect(Object.fromEntries(permitted.headers)).toMatchObject({
      "access-control-allow-origin": SHOP,
      "access-control-allow-methods": "GET, HEAD, POST",
      "access-control-allow-headers": "authorization,content-type",
      "access-control-max-age": "600",
      vary: expect.stringContaining("Origin"),
      "x-request-id": expect.any(String),
    });
    for (const [body, status] of [
      ['{"product_code": "SKU001", "orders_placed": 1}', 200],
      ["{}", 422],
    ] as const) {
      const response = await post(SHOP, body);
      expect(response.status).toBe(status);
      expect(response.headers.get("access-control-allow-origin")).toBe(SHOP);
      expect(response.headers.get("access-control-allow-credentials")).toBeNull();
      expect(response.headers.get("access-control-expose-headers")).toContain("x-model-key");
    }
    const missing = await ask("/nowhere", { headers: { origin: SHOP } });
    expect([missing.status, missing.headers.get("access-control-allow-origin")]).toEqual([404, SHOP]);
  });

  test("gives another origin no permission", async () => {
    await start([SHOP]);
    for (const origin of ["https://shop.example.org", "http://shop.example", "null"]) {
      expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBeNull();
      const response = await post(origin, "{}");
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(response.headers.get("vary")).toContain("Origin");
    }
  });

  test("permits every origin with *", async () => {
    await start(["*"]);
    expect((await post("https://any.example", "{}")).headers.get("access-control-allow-origin")).toBe("*");
  });

  test.each([[["shop.example"]], [["https://shop.example/"]], [["*", SHOP]], [["null"]], ["*"]])(
    "rejects %j as origins",
    async (corsOrigins) => {
      await start();
      const options = { ...timeToDispatch, bucket: "my-bucket", ...{ corsOrigins } };
      // @ts-expect-error -- a caller without types
      await expect(createModelServer(options)).rejects.toThrow(
        /^corsOrigins is .*, expected an array of origins/s,
      );
    },
  );
});
