import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startListeningApp } from "./support/listening-app.js";
import type { ListeningApp } from "./support/listening-app.js";

/** Bytes on a real socket, which no injected request can show. */
describe("the service on a real socket", () => {
  let service: ListeningApp;
  beforeAll(async () => {
    service = await startListeningApp();
  });
  afterAll(() => service.stop());

  /** Everything that is answered until the pattern is seen or the connection ends. */
  async function answer(socket: Socket, pattern: RegExp): Promise<string> {
    let text = "";
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      if (pattern.test(text)) {
        break;
      }
    }
    return text;
  }

  const order = '{"product_code": "SKU001", "orders_placed": 10}';
  const head = (length: number): string =>
    `POST /api/v0.1/time_to_dispatch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

  test("reads a rejected large body to its end, and answers the next request", async () => {
    const socket = await service.open();
    const body = "x".repeat(1_000_000);
    socket.write(head(body.length) + body + head(order.length) + order);
    const text = await answer(socket, /est_hours/);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('{"detail":"The request\'s body is too large: the limit is 16384 bytes"}');
    expect(text).toContain("HTTP/1.1 200 OK");
    socket.destroy();
  });

  test.each([1_100_000, 10_000_000])(
    "answers a client that sends %d bytes and says that it closes the connection with 413",
    async (length) => {
      const socket = await service.open();
      const closing = head(length).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
      // The client reads nothing until all is sent.
      await new Promise<void>((sent) => socket.end(closing + "x".repeat(length), sent));
      const answered = await text(socket);
      expect(answered).toMatch(/^HTTP\/1\.1 413 /);
      expect(answered).toContain("\r\nconnection: close\r\n");
      expect(answered).toMatch(/the limit is 16384 bytes"\}$/);
    },
  );

  test.each([
    ["an address without a route", "POST /nope HTTP/1.1\r\nhost: x\r\n", 404],
    ["another type", "POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\n", 415],
  ])(
    "answers a client that sends a large body for %s and closes the connection",
    async (_name, start, status) => {
      const socket = await service.open();
      const length = 5_000_000;
      const request = `${start}connection: close\r\ncontent-length: ${length}\r\n\r\n${"x".repeat(length)}`;
      await new Promise<void>((sent) => socket.end(request, sent));
      expect(await text(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    },
  );

  test("reads no body without a route as the next request", async () => {
    const socket = await service.open();
    const length = 2_000_000;
    socket.write(`POST /nope HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`);
    socket.write("x".repeat(length) + head(order.length) + order);
    const text = await answer(socket, /est_hours/);
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 404", "HTTP/1.1 200"]);
    socket.destroy();
  });

  test("rejects a large body without a stated length", async () => {
    const socket = await service.open();
    socket.write(
      "POST /api/v0.1/time_to_dispatch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    const size = 20_000;
    socket.write(`${size.toString(16)}\r\n${"x".repeat(size)}\r\n0\r\n\r\n`);
    expect(await answer(socket, /bytes"\}/)).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test("accepts a body in pieces, and survives clients that disconnect", async () => {
    const gone = await service.open();
    gone.write(head(order.length) + order.slice(0, 10));
    gone.destroy();
    const slow = await service.open();
    slow.write(head(order.length));
    for (const character of order) {
      slow.write(character);
    }
    expect(await answer(slow, /est_hours/)).toContain('"est_hours_to_dispatch":0.5');
    slow.destroy();
  });

  test("closes a connection without waiting for the client to close it", async () => {
    const connections = async (): Promise<number> =>
      promisify(service.app.server.getConnections.bind(service.app.server))();
    const before = await connections();
    const stubborn = connect({ port: service.port, host: "127.0.0.1", allowHalfOpen: true });
    await once(stubborn, "connect");
    stubborn.write("hello\r\n\r\n");
    await once(stubborn, "readable");
    while ((await connections()) > before) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    stubborn.destroy();
  });

  test.each([
    ["no HTTP", "hello\r\n\r\n", 400],
    ["a head without end", `GET / HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 431],
    ["a body of two lengths", head(3).replace("\r\n\r\n", "\r\ncontent-length: 4\r\n\r\n"), 400],
    ["a request without a host", "GET /readyz HTTP/1.1\r\n\r\n", 400],
    ["two hosts", "GET /readyz HTTP/1.1\r\nhost: x\r\nHOST: x\r\n\r\n", 400],
    ["a host that is none", "GET /readyz HTTP/1.1\r\nhost: x/y\r\n\r\n", 400],
    ["an address that cannot be decoded", "GET /%zz HTTP/1.1\r\nhost: x\r\n\r\n", 404],
    ["a name longer than any", `GET /v2/models/${"a".repeat(15_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 404],
    ["a body for nobody", "POST /nope HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello", 404],
    [
      "a body for a method that no route has",
      "PUT /ping HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello",
      405,
    ],
    ["a wish to connect to elsewhere", "CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n", 405],
    ["a method that no route has", "TRACE / HTTP/1.1\r\nhost: x\r\n\r\n", 405],
    ["a compressed body", head(3).replace("\r\n\r\n", "\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b\x08"), 415],
  ])("names the fault of %s in the usual form, and counts it", async (_name, bytes, status) => {
    const counted = async (): Promise<number> => {
      const { payload } = await service.app.inject("/metrics");
      const counts = payload.matchAll(new RegExp(`seconds_count\\{.*code="${status}"\\} (\\d+)`, "g"));
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const before = await counted();
    const socket = await service.open();
    socket.write(bytes, "latin1");
    const text = await answer(socket, /\}$/);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toMatch(/\r\n\r\n\{"(?:detail|error)":".+"\}$/);
    expect(text).toMatch(/\r\nx-request-id: [\w-]+\r\n/);
    expect(text).toContain(`\r\nx-model-hash: ${service.holder.current!.hash}\r\n`);
    expect(text).toContain("\r\nx-content-type-options: nosniff\r\n");
    socket.destroy();
    expect(await counted()).toBe(before + 1);
  });

  test.each(["example.com", "example.com:8000", "127.0.0.1", "[::1]:8000", "a_b-c.svc", ""])(
    "accepts the host %j",
    async (host) => {
      const socket = await service.open();
      socket.write(`GET /readyz HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      expect(await answer(socket, /\}$/)).toMatch(/^HTTP\/1\.1 200 OK/);
      socket.destroy();
    },
  );

  test.each(["a b", "http://x", "x:y", "u@x", "[x]", "x:1:2", "\u00e9"])(
    "rejects the host %j",
    async (host) => {
      const socket = await service.open();
      socket.write(`GET /readyz HTTP/1.1\r\nhost: ${host}\r\n\r\n`, "latin1");
      expect(await answer(socket, /\}$/)).toMatch(/^HTTP\/1\.1 400 [^]*Host header is no host"\}$/);
      socket.destroy();
    },
  );

  test("ignores an unknown Expect header", async () => {
    const socket = await service.open();
    socket.write(head(order.length).replace("\r\n\r\n", "\r\nexpect: tea\r\n\r\n") + order);
    expect(await answer(socket, /est_hours/)).toMatch(/^HTTP\/1\.1 200 OK/);
    socket.destroy();
  });
});
