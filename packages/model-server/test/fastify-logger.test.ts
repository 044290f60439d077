import { describe, expect, test } from "@jest/globals";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";
import Fastify from "fastify";
import { FastifyLogger } from "../src/logging/fastify-logger.js";

type Call = [level: string, message: string, fields: unknown];

function recorder(): { log: Logger; calls: Call[] } {
  const calls: Call[] = [];
  const at =
    (level: string) =>
    (message: string, fields?: unknown): void => {
      calls.push([level, message, fields]);
    };
  const log: Logger = {
    level: "info",
    format: "text",
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => log,
    isLevelEnabled: (level) => level !== "debug",
  };
  return { log, calls };
}

describe("FastifyLogger", () => {
  test("accepts Fastify's order of arguments and its six levels", () => {
    const { log, calls } = recorder();
    const logger = new FastifyLogger(log);
    const err = new Error("it broke");
    logger.info("text");
    logger.warn({ a: 1 }, "with fields");
    logger.error(err);
    logger.error({ err });
    logger.fatal(err, "worse");
    logger.trace("too fine");
    logger.debug("too fine");
    logger.silent();
    expect(calls).toEqual([
      ["info", "text", {}],
      ["warn", "with fields", { a: 1 }],
      ["error", "it broke", { err }],
      ["error", "it broke", { err }],
      ["error", "worse", { err }],
    ]);
  });

  test("logs the id of a request, and neither its headers nor its body", async () => {
    const { log, calls } = recorder();
    const app = Fastify({ loggerInstance: new FastifyLogger(log), genReqId: () => "id-1" });
    app.post("/", () => "ok");
    await app.inject({
      method: "POST",
      url: "/?token=secret",
      headers: { authorization: "secret" },
      payload: { body: "secret" },
    });
    await app.close();
    expect(calls).toEqual([
      ["info", "incoming request", { reqId: "id-1", req: { method: "POST", url: "/" } }],
      [
        "info",
        "request completed",
        { reqId: "id-1", res: { statusCode: 200 }, responseTime: expect.any(Number) },
      ],
    ]);
  });
});
