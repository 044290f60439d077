import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ModelServerOptions } from "@ml-pipelines/model-server";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";
import { timeToDispatch } from "./support/time-to-dispatch.mjs";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const VALID = `00-${TRACE}-00f067aa0ba902b7-01`;

describe("the trace context of a request", () => {
  let service: TestApp;
  beforeAll(async () => {
    const routes: ModelServerOptions["routes"] = (app) => {
      app.get("/fails", () => {
        throw new Error("it broke");
      });
    };
    service = await startTestApp({ options: { ...timeToDispatch, routes } });
  });
  beforeEach(() => {
    service.lines.length = 0;
  });
  afterAll(() => service.stop());

  const ask = async (traceparent: string, url = "/healthz") =>
    service.app.inject({ method: "GET", url, headers: { traceparent } });

  test.each([VALID, `01-${TRACE}-00f067aa0ba902b7-00-later`])(
    "returns on the answer and in the log: %s",
    async (traceparent) => {
      expect((await ask(traceparent)).headers.traceparent).toBe(traceparent);
      expect(service.lines).toEqual([expect.stringMatching(new RegExp(`GET /healthz" 200 .* ${TRACE}$`))]);
    },
  );

  test("returns on answers to addresses that do not exist", async () => {
    const { statusCode, headers } = await ask(VALID, "/none");
    expect([statusCode, headers.traceparent]).toEqual([404, VALID]);
  });

  test.each([
    ["the zero trace", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`],
    ["the zero parent", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["capital letters", VALID.toUpperCase()],
    ["version ff", VALID.replace("00", "ff")],
    ["more than version 00 has", `${VALID}-more`],
    ["a forged line", `${VALID}\u0009ERROR`],
    ["two values", `${VALID}, ${VALID}`],
  ])("ignores %s", async (_name, traceparent) => {
    expect((await ask(traceparent)).headers).not.toHaveProperty("traceparent");
    expect(service.lines).toEqual([expect.not.stringContaining(TRACE)]);
  });
});
