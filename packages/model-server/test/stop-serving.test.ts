import { once } from "node:events";
import { Agent, request } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { stopServing } from "../src/stop-serving.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

const ORDER = '{"product_code": "SKU001", "orders_placed": 10}';
const PATH = "/api/v0.1/time_to_dispatch";

describe("stopServing", () => {
  let service: TestApp;
  let port = 0;
  const agents: Agent[] = [];
  beforeEach(async () => {
    service = await startTestApp();
    await service.storage.putModel();
    await service.refresh();
    port = Number(new URL(await service.app.listen({ host: "127.0.0.1", port: 0 })).port);
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) {
      agent.destroy();
    }
    await service.stop();
  });

  /** A client with one connection, which it keeps open until it is told to close it. */
  function client(): () => Promise<IncomingMessage> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    return async () => {
      const headers = { "content-type": "application/json", "content-length": ORDER.length };
      const asked = request({ agent, host: "127.0.0.1", port, path: PATH, method: "POST", headers }).end(
        ORDER,
      );
      const answered = await new Promise<IncomingMessage>((resolve, reject) => {
        asked.once("response", resolve).once("error", reject);
      });
      answered.resume();
      await once(answered, "end");
      return answered;
    };
  }

  test("accepts no new connection from the moment it is called", async () => {
    const stopped = stopServing(service.app);
    await expect(once(connect(port, "127.0.0.1"), "connect")).rejects.toThrow("ECONNREFUSED");
    await stopped;
  });

  test("answers on an idle connection, and asks its client to close it", async () => {
    const ask = client();
    const before = await ask();
    expect([before.statusCode, before.headers.connection]).toEqual([200, "keep-alive"]);
    const stopped = stopServing(service.app);
    const after = await ask();
    expect([after.statusCode, after.headers.connection]).toEqual([200, "close"]);
    await stopped;
  });

  test("asks the client of a running request to close, whatever the answer", async () => {
    const slow = connect(port, "127.0.0.1").setEncoding("utf8");
    const head = `host: x\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: ${ORDER.length}`;
    slow.write(`POST ${PATH} HTTP/1.1\r\n${head}\r\n\r\n`);
    // The service has read the head.
    await once(slow, "data");
    const stopped = stopServing(service.app);
    slow.write(ORDER);
    const answer: unknown[] = await once(slow, "data");
    expect(answer[0]).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*^connection: close\r$/im);
    await stopped;
  });

  test("resets none of 32 clients that ask without a pause", async () => {
    const clients = Array.from({ length: 32 }, client);
    await Promise.all(clients.map((ask) => ask()));
    const untilToldToLeave = clients.map(async (ask) => {
      for (;;) {
        const { statusCode, headers } = await ask();
        if (statusCode !== 200 || headers.connection === "close") {
          return statusCode;
        }
      }
    });
    const stopped = stopServing(service.app);
    expect(await Promise.all(untilToldToLeave)).toEqual(new Array<number>(32).fill(200));
    await stopped;
  });

  test("closes connections that ask nothing more or nothing at all, and no others", async () => {
    const asked = connect(port, "127.0.0.1").setEncoding("utf8");
    asked.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(asked, "data");
    const silent = connect(port, "127.0.0.1");
    await once(silent, "connect");
    const slow = connect(port, "127.0.0.1").setEncoding("utf8");
    slow.write("GET /healthz HTTP/1.1\r\n");
    await once(slow, "connect");
    const stopped = stopServing(service.app, { idleGraceMs: 500 });
    await Promise.all([once(asked, "close"), once(silent, "close")]);
    slow.write("host: x\r\n\r\n");
    const answer: unknown[] = await once(slow, "data");
    expect(answer[0]).toMatch(/^HTTP\/1\.1 200 OK/);
    await stopped;
  });

  test("ends a request that never completes", async () => {
    const stuck = connect(port, "127.0.0.1").setEncoding("utf8");
    stuck.on("error", () => undefined);
    stuck.write(`POST ${PATH} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n`);
    await once(stuck, "data");
    const closed = once(stuck, "close");
    await stopServing(service.app, { idleGraceMs: 100, graceMs: 500 });
    await closed;
  });
});
