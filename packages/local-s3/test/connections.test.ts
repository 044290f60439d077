import { readdir } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { RawRequest } from "./support/raw-request.js";
import { sign } from "./support/raw-request.js";
import { RawServer, signed } from "./support/raw-server.js";

let server: RawServer;
beforeAll(async () => {
  server = await RawServer.start();
});
afterAll(() => server.stop());

describe("Expect: 100-continue", () => {
  const exchange = async (request: RawRequest): Promise<string[]> => {
    const lines: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const socket = net.connect(server.port, "127.0.0.1");
      socket.on("error", reject);
      socket.on("close", () => {
        resolve();
      });
      socket.on("data", (data: Buffer) => {
        const status = /^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1] ?? "";
        const code = /<Code>(\w+)</.exec(data.toString())?.[1] ?? "";
        lines.push(`${status} ${code}`.trim());
        if (status === "100") {
          socket.write(request.body);
        }
      });
      const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`${request.method} ${request.path} HTTP/1.1\r\n${headers.join("")}\r\n`);
    });
    return lines;
  };
  const expecting = (headers: Record<string, string>): RawRequest => {
    const request = server.put("waited", "waited");
    Object.assign(request.headers, headers, { connection: "close" });
    sign(request);
    request.headers.expect = "100-continue";
    return request;
  };

  test("answers 100 Continue, or rejects before the body is sent", async () => {
    expect(await exchange(expecting({}))).toEqual(["100", "200"]);
    expect(await server.stored("waited")).toBe("waited");
    expect(await exchange(expecting({ "if-none-match": "*" }))).toEqual(["412 PreconditionFailed"]);
  });
});

describe("a connection that the client closes", () => {
  const blobCount = async (): Promise<number> => {
    const names = await readdir(path.join(server.directory, "blobs"), { recursive: true });
    return names.filter((name) => path.basename(name).length === 24).length;
  };
  const eventually = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const leave = async (request: RawRequest, when: "sending" | "receiving"): Promise<void> => {
    const head = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    await new Promise<void>((resolve, reject) => {
      const socket = net.connect(server.port, "127.0.0.1", () => {
        socket.write(`${request.method} ${request.path} HTTP/1.1\r\n${head.join("")}\r\n`);
        socket.write(request.body.subarray(0, request.body.length / 2));
        if (when === "sending") {
          setTimeout(() => socket.resetAndDestroy(), 50);
        }
      });
      socket.once("data", () => socket.resetAndDestroy());
      socket.on("error", reject);
      socket.on("close", () => {
        resolve();
      });
    });
  };

  test("leaves no blob when the client has sent half of a body", async () => {
    const before = await blobCount();
    const request = server.put("x".repeat(3_000_000), "half");
    sign(request);
    await leave(request, "sending");
    await eventually(async () => (await blobCount()) === before);
    expect(await server.stored("half")).toBe("NoSuchKey");
  });

  test("keeps no deleted blob when the client has received half of it", async () => {
    const before = await blobCount();
    expect(await server.outcome(signed(server.put("x".repeat(8_000_000), "large")))).toBe("200");
    const get = server.put("", "large");
    get.method = "GET";
    await leave(signed(get), "receiving");
    const remove = server.put("", "large");
    remove.method = "DELETE";
    expect(await server.outcome(signed(remove))).toBe("204");
    await eventually(async () => (await blobCount()) === before);
  });
});
