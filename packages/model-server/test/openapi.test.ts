import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Ajv } from "ajv";
import { runGeneratedClient } from "./support/generated-client.js";
import { startListeningApp } from "./support/listening-app.js";
import type { ListeningApp } from "./support/listening-app.js";
import { parseDocument } from "./support/openapi-document.js";
import type { OpenapiDocument } from "./support/openapi-document.js";

/** The command-line tools of others, which download a hundred packages. CI checks by Redocly's library alone. */
const LINTERS = [
  ["@redocly/cli@2.77.0", "lint", "--extends=recommended"],
  ["@stoplight/spectral-cli@6.16.3", "lint", "--fail-severity=error"],
] as const;
const testNightly = process.env.OPENAPI_LINTERS === "1" ? test : test.skip;

let service: ListeningApp;
let text = "";
let document: OpenapiDocument;
beforeAll(async () => {
  service = await startListeningApp();
  text = (await service.get("/openapi.json")).payload;
  document = parseDocument(text);
});
afterAll(() => service.stop());

describe("/openapi.json", () => {
  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
    );

  test("names and describes every operation", () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const bare = operations().filter(
      ({ operation: { operationId, summary, description, tags } }) =>
        !(operationId && summary && description && tags?.length === 1),
    );
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  test("describes the headers of every answer", () => {
    const answers = operations().flatMap(({ name, operation }) =>
      Object.entries(operation.responses).map(([status, { headers = {} }]) => ({
        answer: `${name} ${status}`,
        headers: Object.keys(headers),
      })),
    );
    for (const { answer, headers } of answers) {
      const expected = ["x-request-id", "x-model-hash", "x-model-key", "traceparent"];
      if (answer.endsWith(" 503")) {
        expected.push("retry-after");
      }
      if (/^post .*(?:dispatch|batch|invocations|infer) 200$/.test(answer)) {
        expected.push("x-model-extrapolates");
      }
      expect([answer, headers]).toEqual([answer, expected]);
    }
  });

  test("has an example of every body, which its schema allows", () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const { components } = document;
    const media = operations().flatMap(({ name, operation }) =>
      [["request", operation.requestBody] as const, ...Object.entries(operation.responses)].flatMap(
        ([kind, body]) =>
          Object.values(body?.content ?? {}).map(({ schema }) => ({ where: `${name} ${kind}`, schema })),
      ),
    );
    const faults = media.filter(({ schema }) => {
      const [, name = ""] = /\/(\w+)$/.exec(String(schema.$ref)) ?? [];
      const { example } = components.schemas[name] ?? schema;
      const items: unknown = schema.items;
      return (
        items === undefined && (example === undefined || !ajv.validate({ ...schema, components }, example))
      );
    });
    expect(faults.map(({ where }) => where)).toEqual([]);
  });

  test("passes Redocly's recommended rules", async () => {
    const config = await createConfig({
      extends: ["recommended"],
      // The licence of the API is the service's owner's affair. Health and documents have no wrong requests.
      rules: { "info-license": "off", "operation-4xx-response": "off" },
    });
    const problems = await lintFromString({ source: text, absoluteRef: "openapi.json", config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
      [],
    );
  });

  testNightly.each(LINTERS)(
    "passes %s",
    async (tool, ...argv) => {
      const folder = await mkdtemp(path.join(tmpdir(), "openapi-"));
      await writeFile(path.join(folder, "openapi.json"), text);
      await writeFile(path.join(folder, ".spectral.yaml"), 'extends: ["spectral:oas"]\n');
      const linted = promisify(execFile)("npx", ["--yes", tool, ...argv, "openapi.json"], { cwd: folder });
      await expect(linted).resolves.toBeDefined();
      await rm(folder, { recursive: true });
    },
    300_000,
  );

  test("generates a client that compiles strictly and gets predictions", async () => {
    const output = await runGeneratedClient(text, `http://127.0.0.1:${service.port}`);
    expect(JSON.parse(output)).toEqual({
      hours: 15.5,
      many: [15.5, 15.5],
      fault: "ensure this value is greater than or equal to 0.0",
      rows: [15.5, 0.5],
      refused: "BAD_REQUEST",
      inputs: ["product_code: BYTES", "orders_placed: FP64"],
      inference: [15.5],
    });
  });
});
