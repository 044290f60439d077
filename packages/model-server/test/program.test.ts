import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { post } from "@ml-pipelines/test-support/post";
import { preloaded } from "@ml-pipelines/test-support/server-program";
import { Programs } from "./support/programs.js";
import { sampleModel } from "@ml-pipelines/test-support/sample-model";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

describe("the program", () => {
  let storage: ModelStorage;
  let programs: Programs;
  const predict = async (address: string): Promise<Response> =>
    post(`${address}/api/v0.1/time_to_dispatch`, '{"product_code": "SKU001", "orders_placed": 10}');

  beforeAll(async () => {
    storage = await ModelStorage.start();
    programs = new Programs(storage);
  });
  afterEach(() => programs.stop());
  afterAll(() => storage.stop());

  test("prints its usage and its version", async () => {
    const help = programs.run(["--help"]);
    expect(await help.ended()).toBe(0);
    expect(help.output).toMatch(/^usage: time-to-dispatch-serve S3_BUCKET/);
    const version = programs.run(["--version"]);
    expect(await version.ended()).toBe(0);
    expect(version.output).toMatch(/^\d+\.\d+\.\d+\n$/);
    const ofImage = programs.run(["--version"], { GIT_COMMIT_HASH: COMMIT });
    expect(await ofImage.ended()).toBe(0);
    expect(ofImage.output).toMatch(/^\d+\.\d+\.\d+\+0123456789ab\n$/);
  });

  test("waits for a first model, serves it, follows the next, and ends on SIGTERM", async () => {
    const program = programs.serve(["--poll-seconds", "0.1"], { GIT_COMMIT_HASH: COMMIT });
    const address = await program.listening();
    const documented = await (await fetch(`${address}/openapi.json`)).text();
    expect(documented).toMatch(/"version":"\d+\.\d+\.\d+\+0123456789ab"/);
    const build = new RegExp(`service_build_info\\{.*version="[^"]*\\+0123456789ab",commit="${COMMIT}"\\} 1`);
    expect(await (await fetch(`${address}/metrics`)).text()).toMatch(build);
    expect(program.output).toContain(
      `No model named time-to-dispatch in s3://${BUCKET}/models - waiting for one, not ready`,
    );
    const early = await predict(address);
    expect([early.status, early.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await early.json()).toEqual({ detail: "No model is loaded yet, try again later" });

    const key = await storage.putModel();
    await program.printed(/Successfully loaded model: name:/);
    const first = await predict(address);
    expect(await first.json()).toEqual({ est_hours_to_dispatch: 0.5, model_version: String(sampleModel()) });

    await storage.putModel({ offset: 1, creationTime: new Date("2026-01-01T00:00:00Z") });
    await program.printed(/model_timestamp:2026-01-01/);
    expect(await (await predict(address)).json()).toMatchObject({ est_hours_to_dispatch: 1.5 });

    const pinned = programs.serve(["--model-key", key, "--poll-seconds", "0.1"]);
    expect(await (await predict(await pinned.listening())).json()).toMatchObject({
      est_hours_to_dispatch: 0.5,
    });

    program.kill("SIGTERM");
    pinned.kill("SIGINT");
    expect(await program.ended()).toBe(0);
    expect(await pinned.ended()).toBe(0);
    expect(program.output).toMatch(/Stopping on SIGTERM[^]*Stopped\n$/);
    expect(program.output.match(/Successfully loaded model/g)).toHaveLength(2);
  });

  test("logs its source, its model and its address, and nothing else", async () => {
    const program = programs.run([BUCKET, "--port", "0"], { ACCESS_LOG: "off" });
    const address = await program.listening();
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    const { port } = new URL(address);
    expect(program.output.trim().split("\n")).toEqual([
      expect.stringMatching(
        `INFO - serve_model.main - Starting serve-model stage: newest model of s3://${BUCKET}/models/$`,
      ),
      expect.stringMatching("Successfully loaded model: |No model named "),
      expect.stringMatching(`INFO - serve_model.main - Listening on http://0\\.0\\.0\\.0:${port}$`),
    ]);
  });

  test("writes JSON lines with the fields of a request", async () => {
    const program = programs.serve([], { LOG_FORMAT: "json" });
    // Its address stands in a text of JSON now.
    const [, address = ""] = await program.printed(/Listening on (http:[^"]+)/);
    await fetch(`${address}/healthz?token=secret`, { headers: { "x-request-id": "id-1" } });
    await program.printed(/"reqId":"id-1"/);
    const lines = program.output.trim().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "")).toEqual({
      timestamp: expect.stringMatching(/Z$/),
      level: "INFO",
      module: "serve_model.access",
      message: expect.stringMatching(/^127\.0\.0\.1 "GET \/healthz" 200 \d+\.\d ms id-1$/),
      client: "127.0.0.1",
      method: "GET",
      path: "/healthz",
      status: 200,
      duration_ms: expect.any(Number),
      reqId: "id-1",
    });
  });

  test("logs a warning of Node once, in the same form", async () => {
    const warning = 'process.on("SIGUSR2", () => process.emitWarning("no room for this", "Room"));';
    const env = { LOG_FORMAT: "json", NODE_OPTIONS: `--import ${preloaded(warning)}` };
    const program = programs.serve([], env);
    await program.printed(/Listening on/);
    program.kill("SIGUSR2");
    await program.printed(/no room/);
    program.kill("SIGTERM");
    await program.ended();
    const lines = program.output.trim().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toContainEqual({
      timestamp: expect.any(String),
      level: "WARNING",
      module: "serve_model.main",
      message: "no room for this",
    });
    expect(program.output.match(/no room/g)).toHaveLength(1);
  });

  test("keeps the space for new objects small under load", async () => {
    await storage.putModel({ creationTime: new Date("2026-01-02T12:00:00Z") });
    const program = programs.serve([], { NODE_OPTIONS: "--max-semi-space-size=4" });
    const address = await program.listening();
    const order = { product_code: "SKU001", orders_placed: 10 };
    const body = JSON.stringify(Array.from({ length: 10_000 }, () => order));
    for (let batch = 0; batch < 30; batch += 1) {
      expect((await post(`${address}/api/v0.1/time_to_dispatch/batch`, body)).status).toBe(200);
    }
    const metrics = await (await fetch(`${address}/metrics`)).text();
    const [, size] = /^nodejs_heap_space_size_total_bytes\{space="new"\} (\d+)/m.exec(metrics)!;
    // 33.6 MB without the setting, which the image has.
    expect(Number(size)).toBeLessThan(20e6);
  });

  test("rejects predictions while its event loop is late", async () => {
    await storage.putModel({ creationTime: new Date("2026-01-02T18:00:00Z") });
    const program = programs.serve([], {}, { delayMs: 251 });
    const address = await program.listening();
    let response = await predict(address);
    // The first second is the first that is measured.
    while (response.status === 200) {
      response = await predict(address);
    }
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await response.json()).toEqual({ detail: "The service is too busy, try again later" });
    expect((await fetch(`${address}/readyz`)).status).toBe(200);
  });
});
