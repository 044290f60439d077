import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { packagesIn } from "@ml-pipelines/test-support/bundled-packages";
import { post } from "@ml-pipelines/test-support/post";
import { preloaded, ServerProgram } from "@ml-pipelines/test-support/server-program";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";
import { sampleHours } from "@ml-pipelines/test-support/sample-model";

/** All that browsers are given, and all that is imported when it is first asked for. */
const ADDRESSES = [
  "/",
  "/page/page.css",
  "/page/page.js",
  "/page/api-key.js",
  "/page/words.js",
  "/page/plot.js",
  "/docs",
  "/docs/docs.css",
  "/docs/docs.js",
  "/docs/swagger-ui.css",
  "/docs/swagger-ui-bundle.js",
  "/openapi.json",
  "/metrics",
  "/api/v0.1/model/curves",
];
const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const MAIN = path.join(DIST, "main.js");
/** V8's coverage of one file: its functions, and how often each was called. */
interface Coverage {
  result: { url: string; functions: { functionName: string; ranges: { count: number }[] }[] }[];
}
const parseCoverage: (text: string) => Coverage = JSON.parse;

test("lists the package of the documentation page among the licences and packages", async () => {
  const licences = await readFile(path.join(DIST, "THIRD-PARTY-LICENCES.txt"), "utf8");
  expect(licences).toContain("@fastify/swagger-ui ");
  expect(await readFile(path.join(DIST, "packages.cdx.json"), "utf8")).toContain(
    "pkg:npm/%40fastify/swagger-ui@",
  );
});

describe("the program in the bundle", () => {
  let storage: ModelStorage;
  let program: ServerProgram;
  beforeAll(async () => {
    storage = await ModelStorage.start();
    await storage.putModel();
  });
  afterEach(() => program.stop());
  afterAll(() => storage.stop());

  const serve = (environment: Record<string, string>, main = MAIN): ServerProgram => {
    const argv = [BUCKET, "--host", "127.0.0.1", "--port", "0"];
    return (program = new ServerProgram(main, argv, { ...storage.environment, ...environment }));
  };

  test("serves every address with nothing but the package's files", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "serve-alone-"));
    for (const name of ["dist", "public", "package.json"]) {
      await cp(fileURLToPath(new URL(`../${name}`, import.meta.url)), path.join(folder, name), {
        recursive: true,
      });
    }
    const address = await serve({}, path.join(folder, "dist/main.js")).listening();
    for (const url of ADDRESSES) {
      const response = await fetch(`${address}${url}`);
      expect([url, response.status]).toEqual([url, 200]);
      await response.text();
    }
    await rm(folder, { recursive: true });
  });

  test("runs no module for documentation and metrics before it answers", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "serve-coverage-"));
    const address = await serve({ NODE_V8_COVERAGE: folder }).listening();
    const order = '{"product_code": "SKU001", "orders_placed": 10}';
    expect((await post(`${address}/api/v0.1/time_to_dispatch`, order)).status).toBe(200);
    program.kill("SIGTERM");
    expect(await program.ended()).toBe(0);
    const [report = ""] = await readdir(folder);
    const { result } = parseCoverage(await readFile(path.join(folder, report), "utf8"));
    await rm(folder, { recursive: true });
    const loaded = result.filter(({ url }) => url.startsWith(pathToFileURL(DIST).href));
    const texts = await Promise.all(loaded.map(({ url }) => readFile(new URL(url), "utf8")));
    const inFiles = new Set(packagesIn(texts.join("\n")).map(({ name }) => name));
    // A CommonJS module is a function that its path names.
    const called = loaded.flatMap(({ functions }) => functions.filter(({ ranges }) => ranges[0]?.count));
    const run = new Set(
      called.flatMap(({ functionName }) => packagesIn(functionName)).map(({ name }) => name),
    );
    expect(inFiles).toContain("@aws-sdk/client-s3");
    expect(
      ["@sinclair/typebox", "prom-client", "@fastify/swagger"].filter((name) => inFiles.has(name)),
    ).toEqual([]);
    expect(run).toContain("fastify");
    expect(["ajv", "light-my-request", "pino"].filter((name) => run.has(name))).toEqual([]);
  });

  test("loads a large model in a thread, and answers by it", async () => {
    const products = Array.from({ length: 900 }, (_, product) => `SKU${product}`);
    const creationTime = new Date("2022-01-01T00:00:00Z");
    await storage.putModel({ products, creationTime });
    const watched = `
      import threads from "node:worker_threads";
      import { syncBuiltinESMExports } from "node:module";
      threads.Worker = class extends threads.Worker {
        constructor(...args) {
          super(...args);
          this.on("message", ({ kind }) => console.log("from the thread:", kind));
        }
      };
      syncBuiltinESMExports();`;
    const address = await serve({ NODE_OPTIONS: `--import ${preloaded(watched)}` }).listening();
    expect(program.output).toMatch(/from the thread: ready\nfrom the thread: loaded\n/);
    const answer = await post(
      `${address}/api/v0.1/time_to_dispatch`,
      '{"product_code": "SKU899", "orders_placed": 50}',
    );
    expect(await answer.json()).toMatchObject({ est_hours_to_dispatch: sampleHours(899, 50) });
    const curves = await (await fetch(`${address}/api/v0.1/model/curves`)).json();
    expect(curves).toMatchObject({ orders_placed: [0, 50] });
  });

  test("names the source files in the stack of an error", async () => {
    const fault = `
      import hooks from "node:perf_hooks";
      import { syncBuiltinESMExports } from "node:module";
      hooks.monitorEventLoopDelay = () => { throw new Error("it broke"); };
      syncBuiltinESMExports();`;
    serve({ NODE_OPTIONS: `--enable-source-maps --import ${preloaded(fault)}` });
    expect(await program.ended()).toBe(1);
    expect(program.output).toMatch(
      /ERROR - .* - it broke\n(?: {4}Error: it broke\n)?[^]*src\/event-loop-watch\.ts:\d+/,
    );
    expect(program.output).toMatch(/src\/start-server\.ts:\d+/);
  });
});
