import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";
import { timeToDispatch } from "./support/time-to-dispatch.mjs";

const PROMTOOL = "/usr/bin/promtool";
const hasPromtool = spawnSync(PROMTOOL, ["--version"]).status === 0;
if (!hasPromtool) {
  console.warn("Metrics are not linted: no promtool found (Debian: apt-get install prometheus)");
}

describe("metrics", () => {
  let service: TestApp;
  beforeAll(async () => {
    // The article's histogram is named by the hour, which the linter wants in seconds.
    service = await startTestApp({ options: { ...timeToDispatch, predictionHistogram: undefined } });
    await service.storage.putModel();
    await service.refresh();
    await service.post("/api/v0.1/time_to_dispatch", { product_code: "SKU001", orders_placed: 10 });
  });
  afterAll(() => service.stop());

  (hasPromtool ? test : test.skip)("passes the linter of Prometheus without a remark", async () => {
    const { payload } = await service.get("/metrics");
    const { stdout, stderr, status } = spawnSync(PROMTOOL, ["check", "metrics"], {
      input: payload,
      encoding: "utf8",
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
  });

  test("names the program that runs, as readiness does", async () => {
    const build = { program: "time-to-dispatch-serve", version: "1.2.3", commit: "NA" };
    const { payload } = await service.get("/metrics");
    expect(payload).toContain(
      'service_build_info{program="time-to-dispatch-serve",version="1.2.3",commit="NA"} 1\n',
    );
    expect((await service.get("/readyz")).json()).toMatchObject({ status: "ready", build });
  });
});
