import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startListeningApp } from "./support/listening-app.js";
import type { ListeningApp } from "./support/listening-app.js";
import { startTestApp } from "./support/test-app.js";

describe("the time limits of a request", () => {
  let service: ListeningApp;
  beforeAll(async () => {
    service = await startListeningApp({ limits: { headers: 500, whole: 1_000 } });
  });
  afterAll(() => service.stop());

  test.each([
    ["head", "GET /readyz HTTP/1.1\r\nhost: x\r\n"],
    [
      "body",
      'POST /api/v0.1/time_to_dispatch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 47\r\n\r\n{"product',
    ],
  ])("returns 408 and closes the connection when the %s does not end", async (_name, beginning) => {
    const socket = await service.open();
    socket.write(beginning);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toMatch(/\r\nx-request-id: [^]*\r\nx-model-hash: [^]*\{"detail":"Request Timeout"\}$/);
  });

  test("allows 5 s for the head and 10 s in all by default", async () => {
    const other = await startTestApp();
    const { headersTimeout, requestTimeout } = other.app.server;
    expect([headersTimeout, requestTimeout]).toEqual([5_000, 10_000]);
    await other.stop();
  });
});

describe("the limit of connections", () => {
  let service: ListeningApp;
  beforeAll(async () => {
    service = await startListeningApp();
  });
  afterAll(() => service.stop());

  async function asking(): Promise<Socket> {
    const socket = await service.open();
    socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "data");
    return socket;
  }

  test("accepts 2,000 connections, and another one when one has closed", async () => {
    const sockets: Socket[] = [];
    // A hundred at a time, as the system keeps some hundreds waiting; each asks once, as one that never does is closed after a while.
    while (sockets.length < 2_000) {
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, asking))));
    }
    expect(await text(connect(service.port, "127.0.0.1"))).toBe("");
    sockets[0]?.destroy();
    const ask = async (): Promise<string> => {
      const socket = connect(service.port, "127.0.0.1");
      socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
      return text(socket).catch(() => "");
    };
    let answer = "";
    while (answer === "") {
      answer = await ask();
    }
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    for (const socket of sockets) {
      socket.destroy();
    }
  });
});
