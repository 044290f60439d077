import { once } from "node:events";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { startListeningApp } from "./support/listening-app.js";
import type { ListeningApp } from "./support/listening-app.js";
import { startTestApp } from "./support/test-app.js";

describe("the time limits of a request", () => {
  let service: ListeningApp;
  beforeAll(async () => {
    service = await startListeningApp({ limits: { headers: 500, whole: 1_000, silence: 2_000 } });
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

  test("closes a connection whose client does not read its answers", async () => {
    const socket = await service.open();
    const closed = new Promise((resolve) => socket.on("error", resolve).once("close", resolve));
    // More than the system buffers for a client.
    socket.pause().write("GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20));
    const isOpen = promisify(service.app.server.getConnections.bind(service.app.server));
    while ((await isOpen()) > 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    socket.resume();
    await closed;
  });

  test("allows 5 s for the head, 10 s for the request and 30 s of silence by default", async () => {
    const other = await startTestApp();
    const { headersTimeout, requestTimeout, timeout } = other.app.server;
    expect([headersTimeout, requestTimeout, timeout]).toEqual([5_000, 10_000, 30_000]);
    await other.stop();
  });
});

describe("the limit of 2,000 connections", () => {
  const HEALTH = "GET /healthz HTTP/1.1\r\nhost: x\r\n";
  const CLOSING = `${HEALTH}connection: close\r\n\r\n`;
  let service: ListeningApp;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    service = await startListeningApp();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) {
      socket.destroy();
    }
    await service.stop();
  });

  async function answered(): Promise<Socket> {
    const socket = await service.open();
    socket.write(`${HEALTH}\r\n`);
    await once(socket, "data");
    return socket;
  }

  /** A hundred at a time, as the system keeps some hundreds waiting. */
  async function fill(open: () => Promise<Socket>): Promise<void> {
    while (sockets.length < 2_000) {
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, open))));
    }
  }

  async function ask(): Promise<string> {
    const socket = await service.open();
    socket.write(CLOSING);
    return text(socket);
  }

  test("closes the connection that has been idle for longest to let a new one in", async () => {
    await fill(answered);
    const [first, second, third] = sockets;
    // The first is used once more, so that the second has been idle for longest.
    first?.write(`${HEALTH}\r\n`);
    await once(first!, "data");
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    await finished(second!);
    expect([first?.destroyed, third?.destroyed]).toEqual([false, false]);
  });

  test("closes the oldest connection without a whole request when none is idle", async () => {
    await fill(async () => {
      const socket = await service.open();
      socket.write("POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n[");
      return socket.on("error", () => socket.destroy());
    });
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});
