import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describedStatus, undescribed } from "./support/openapi-document.js";
import type { OpenapiDocument } from "./support/openapi-document.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

describe("the responses that /openapi.json describes", () => {
  let service: TestApp;
  let document: OpenapiDocument;
  let isLate = false;
  const sent = new Set<string>();
  const faults = new Set<string>();

  // Every operation, asked rightly and wrongly: without a model, with one, while the newest is refused, and while the service is
  // too busy.
  beforeAll(async () => {
    service = await startTestApp({ isLate: () => isLate });
    await askAll();
    await service.storage.putText("time-to-dispatch_2026-01-01.json", "{}");
    await askAll();
    await service.storage.putModel({
      creationTime: new Date("2026-01-02T00:00:00Z"),
      counted: true,
      metadata: { interval: { level: 0.9, n: 200, q: 1.5 } },
    });
    await askAll();
    await service.storage.putText("time-to-dispatch_2026-01-03.json", "{}");
    await askAll();
    isLate = true;
    await askAll();
  });
  afterAll(() => service.stop());

  async function askAll(): Promise<void> {
    await service.refresh();
    document = (await service.get("/openapi.json")).json();
    for (const { method, path, operation } of operations()) {
      for (const request of requests(method, path)) {
        const response = await request();
        const name = `${method} ${path}`;
        sent.add(`${name} ${describedStatus(operation, response.statusCode)}`);
        const fault = undescribed(operation, document, response);
        if (fault !== undefined) {
          faults.add(`${name} ${fault}`);
        }
      }
    }
  }

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
    );

  function requests(method: string, path: string) {
    const hash = service.holder.current?.hash ?? "none";
    const urls = ["time-to-dispatch", "another"].map((name) =>
      path.replace("{name}", name).replace("{version}", hash),
    );
    if (path.endsWith("/curves")) {
      urls.push(`${path}?feature=colour`);
    }
    if (path.endsWith("/time_to_dispatch") || path.endsWith("/batch")) {
      urls.push(`${path}?explain=true`, `${path}?explain=perhaps`);
    }
    const bodies = [...examples(path), {}, "{", " ".repeat(2_000_000)];
    return [...new Set(urls)].flatMap((url) =>
      method === "get"
        ? [async () => service.get(url)]
        : bodies.map(
            (body) => async () => service.post(url, typeof body === "string" ? body : JSON.stringify(body)),
          ),
    );
  }

  /** One that the operation takes among them, if there is a model. */
  function examples(path: string): unknown[] {
    const { Data, InferenceRequest } = document.components.schemas;
    if (path.startsWith("/v2")) {
      return [InferenceRequest?.example ?? {}, { ready: "no" }];
    }
    const order = Data?.example ?? {};
    return [order, [order], [{}]];
  }

  test("includes every response that is sent", () => {
    expect([...faults]).toEqual([]);
  });

  test("includes no response that is never sent", () => {
    const described = operations().flatMap(({ method, path, operation }) =>
      Object.keys(operation.responses).map((status) => `${method} ${path} ${status}`),
    );
    expect([...sent].sort()).toEqual(described.sort());
  });
});
