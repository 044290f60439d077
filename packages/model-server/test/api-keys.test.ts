import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ModelStorage } from "@ml-pipelines/test-support/model-storage";
import { ApiKeys } from "../src/plugins/api-keys.js";
import { startListeningApp } from "./support/listening-app.js";
import type { ListeningApp } from "./support/listening-app.js";
import { parseDocument } from "./support/openapi-document.js";
import { Programs } from "./support/programs.js";

const OLD = "old-key-0123456789abcdef";
const NEW = "new-key-0123456789abcdef";

let folder = "";
let file = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "api-keys-"));
  file = path.join(folder, "keys");
  await writeFile(file, `# of the shop\n${OLD}\r\n\n${NEW}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

describe("a service with API keys", () => {
  let service: ListeningApp;
  beforeAll(async () => {
    service = await startListeningApp({ apiKeys: new ApiKeys(file), corsOrigins: ["https://shop.example"] });
  });
  afterAll(() => service.stop());

  const ask = async (url: string, authorization?: string, options: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${service.port}${url}`, {
      ...options,
      headers: { "content-type": "application/json", ...(authorization !== undefined && { authorization }) },
    });
  const POST = { method: "POST", body: '{"product_code": "SKU001", "orders_placed": 1}' };

  test.each([OLD, NEW])("predicts for the key %s", async (key) => {
    expect((await ask("/api/v0.1/time_to_dispatch", `Bearer ${key}`, POST)).status).toBe(200);
    expect((await ask("/openapi.json", `bearer ${key}`)).status).toBe(200);
  });

  test.each([
    [undefined, "Bearer", "The request has no API key"],
    [`Basic ${OLD}`, "Bearer", "The request has no API key"],
    [OLD, "Bearer", "The request has no API key"],
    ["Bearer", "Bearer", "The request has no API key"],
    [`Bearer ${OLD}x`, 'Bearer error="invalid_token"', "The API key is not valid"],
    ["Bearer #", 'Bearer error="invalid_token"', "The API key is not valid"],
  ])("rejects the authorization %s with 401", async (authorization, challenge, fault) => {
    const response = await ask("/api/v0.1/time_to_dispatch", authorization, POST);
    const answer: unknown = await response.json();
    const sentence = `${fault}, expected the header Authorization: Bearer KEY`;
    expect([response.status, response.headers.get("www-authenticate"), answer]).toEqual([
      401,
      challenge,
      { detail: sentence },
    ]);
    expect(service.lines.join("\n")).not.toContain("key-0123456789");
  });

  test("rejects in the form of each protocol", async () => {
    const inference = await ask("/v2/models/time-to-dispatch/infer", undefined, POST);
    expect([inference.status, await inference.json()]).toEqual([401, { error: expect.any(String) }]);
    const invocation = await ask("/invocations", undefined, POST);
    expect([invocation.status, await invocation.json()]).toEqual([
      401,
      { error_code: "UNAUTHENTICATED", message: expect.any(String) },
    ]);
  });

  test.each([
    ["/api/v0.1/time_to_dispatch/batch", "POST"],
    ["/api/v0.1/model", "GET"],
    ["/api/v0.1/model/curves", "GET"],
    ["/v2", "GET"],
    ["/v2/models/time-to-dispatch", "GET"],
    ["/v2/repository/index", "POST"],
    ["/version", "GET"],
    ["/openapi.json", "GET"],
  ])("asks for a key at %s", async (url, method) => {
    expect((await ask(url, undefined, { method })).status).toBe(401);
  });

  test.each([
    ...["/healthz", "/readyz", "/ping", "/health", "/v2/health/live", "/v2/health/ready", "/metrics"],
    ...["/", "/page/page.js", "/docs"],
  ])("asks for none at %s", async (url) => {
    expect((await ask(url)).status).toBe(200);
  });

  test("answers preflights, which carry no key", async () => {
    const headers = { origin: "https://shop.example", "access-control-request-method": "POST" };
    const url = `http://127.0.0.1:${service.port}/api/v0.1/time_to_dispatch`;
    expect((await fetch(url, { method: "OPTIONS", headers })).status).toBe(204);
  });

  test("describes keys in /openapi.json, and where none is needed", async () => {
    const document = parseDocument(await (await ask("/openapi.json", `Bearer ${OLD}`)).text());
    expect(document).toMatchObject({
      security: [{ apiKey: [] }],
      components: { securitySchemes: { apiKey: { type: "http", scheme: "bearer" } } },
      paths: {
        "/api/v0.1/time_to_dispatch": {
          post: { responses: { 401: { headers: { "www-authenticate": {} } } } },
        },
        "/invocations": { post: { responses: { 401: {} } } },
      },
    });
    const open = Object.entries(document.paths).filter(([, methods]) => methods.get?.security?.length === 0);
    expect(open.map(([url]) => url).sort()).toEqual([
      ...["/health", "/healthz", "/metrics", "/ping", "/readyz", "/v2/health/live", "/v2/health/ready"],
    ]);
  });
});

describe("the file of API keys", () => {
  test("is read again when it is replaced, and kept if it is then wrong", async () => {
    const mounted = path.join(folder, "mounted");
    await writeFile(mounted, `${OLD}\n`);
    const keys = new ApiKeys(mounted);
    const lines: string[] = [];
    let wake = (): void => undefined;
    const log = (line: string): void => {
      lines.push(line);
      wake();
    };
    const nextLine = async (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
      });
    const stop = keys.follow({ info: log, error: log });
    const replace = async (text: string): Promise<void> => {
      const line = nextLine();
      await writeFile(`${mounted}.new`, text);
      await rename(`${mounted}.new`, mounted);
      // Without it, nothing keeps Node's timers of file watches alive.
      const alive = setInterval(() => undefined, 1_000);
      await line;
      clearInterval(alive);
    };
    await replace(`${NEW}\n`);
    expect([keys.has(OLD), keys.has(NEW)]).toEqual([false, true]);
    await replace("short\n");
    expect([keys.has(NEW), keys.has("short")]).toEqual([true, false]);
    stop();
    expect(lines).toEqual([
      `Read ${mounted} again: 1 API key`,
      `Kept the API keys from before - ${mounted} line 1: a key of 5 characters, expected at least 16 letters, digits and -._~+/`,
    ]);
  });

  test.each([
    ["", "has 0 API keys, expected 1 to 100"],
    ["# none\n", "has 0 API keys, expected 1 to 100"],
    [`${OLD}\ntwo words in one line\n`, "line 2: a key of 21 characters, expected at least 16 letters"],
  ])("is rejected when it is %j", async (text, message) => {
    const wrong = path.join(folder, "wrong");
    await writeFile(wrong, text);
    expect(() => new ApiKeys(wrong)).toThrow(message);
  });

  test("ends the program with 2 when it is missing", async () => {
    const storage = await ModelStorage.start();
    const programs = new Programs(storage);
    const program = programs.serve([], { API_KEYS_FILE: path.join(folder, "missing") });
    expect(await program.ended()).toBe(2);
    expect(program.output).toContain("API keys cannot be read: ENOENT");
    await programs.stop();
    await storage.stop();
  });
});
