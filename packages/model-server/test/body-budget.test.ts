import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ModelServerOptions } from "@ml-pipelines/model-server";
import { startListeningApp } from "./support/listening-app.js";
import type { ListeningApp } from "./support/listening-app.js";
import { startTestApp } from "./support/test-app.js";
import { timeToDispatch } from "./support/time-to-dispatch.mjs";

const URL = "/api/v0.1/time_to_dispatch";
const ORDER = '{"product_code": "SKU001", "orders_placed": 10}';
const BATCH = `[${Array.from({ length: 10_000 }, () => ORDER).join()}]`;
const BODY_BYTES = 1_000_000;

describe("the budget of request bodies", () => {
  let service: ListeningApp;
  beforeEach(async () => {
    service = await startListeningApp({ bodyBudgetBytes: 2 * 1_048_576 });
  });
  afterEach(() => service.stop());

  /** A connection that has sent nearly all of a large body, and waits. */
  async function halfSent(): Promise<Socket> {
    const socket = await service.open();
    const head = `POST ${URL}/batch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${BODY_BYTES}\r\n\r\n`;
    socket.write(head + "[".padEnd(BODY_BYTES - 1));
    return socket;
  }

  async function received(socket: Socket): Promise<string> {
    return (await once(socket, "data")).join("");
  }

  async function metric(name: string): Promise<number> {
    const { payload } = await service.app.inject("/metrics");
    return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(payload)?.[1]);
  }

  const buffered = async (): Promise<number> => metric("http_request_body_buffered_bytes");
  const rejected = async (): Promise<number> => metric("http_request_bodies_rejected_total");

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function post(url: string, body: string): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return fetch(`http://127.0.0.1:${service.port}${url}`, { method: "POST", headers, body });
  }

  test("rejects the oldest unfinished body with 503 and closes its connection, not the newest", async () => {
    const first = await halfSent();
    await until(async () => (await buffered()) > BODY_BYTES - 100_000);
    const second = await halfSent();
    await until(async () => (await buffered()) > 2 * BODY_BYTES - 200_000);
    const third = await halfSent();
    const answer = await received(first);
    first.end();
    await once(first, "close");
    expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(answer).toMatch(/\r\nretry-after: 1\r\n/);
    expect(answer).toMatch(/\r\nconnection: close\r\n/);
    expect(answer).toContain('{"detail":"The service holds too many unfinished requests, try again later"}');
    third.write("]");
    expect(await received(third)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(await rejected()).toBe(1);
    second.destroy();
    third.destroy();
    await until(async () => (await buffered()) === 0);
  });

  test("answers single predictions while a hundred clients hold half-sent bodies", async () => {
    const sockets = await Promise.all(Array.from({ length: 100 }, halfSent));
    for (const socket of sockets) {
      socket.on("error", () => socket.destroy());
    }
    await until(async () => (await rejected()) > 90);
    for (let request = 0; request < 20; request += 1) {
      expect((await post(URL, ORDER)).status).toBe(200);
    }
    expect(await buffered()).toBeLessThanOrEqual(2 * 1_048_576);
    for (const socket of sockets) {
      socket.destroy();
    }
    await until(async () => (await buffered()) === 0);
  });

  test("answers whole batches with 200, or with 503 and Retry-After, and holds nothing after them", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, async () => post(`${URL}/batch`, BATCH)));
    for (const { status, headers } of answers) {
      expect([200, 503]).toContain(status);
      expect(headers.get("retry-after")).toBe(status === 503 ? "1" : null);
    }
    expect(answers.map(({ status }) => status)).toContain(200);
    expect(await buffered()).toBe(0);
  });

  test("holds a body that comes byte by byte in pages", async () => {
    const socket = await service.open();
    const body = BATCH.slice(0, 48 * 700)
      .concat("]".padStart(20_000))
      .replace(/,\s*\]$/, "]");
    socket.write(
      `POST ${URL}/batch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    for (const character of body) {
      socket.write(`1\r\n${character}\r\n`);
    }
    socket.write("0\r\n\r\n");
    expect(await received(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    socket.destroy();
  });

  test("holds nothing of a body that is no JSON", async () => {
    const batch = await service.post(`${URL}/batch`, "[".padEnd(100_000));
    expect([batch.statusCode, await buffered()]).toEqual([422, 0]);
  });

  test("holds nothing of a body when a further hook answers in place of the handler", async () => {
    const routes: ModelServerOptions["routes"] = (app) => {
      app.addHook("preHandler", async (_request, reply) => reply.code(401).send({ detail: "Who are you?" }));
    };
    const other = await startTestApp({ options: { ...timeToDispatch, routes } });
    expect((await other.post(`${URL}/batch`, BATCH)).statusCode).toBe(401);
    expect((await other.get("/metrics")).payload).toMatch(/^http_request_body_buffered_bytes 0$/m);
    await other.stop();
  });
});
