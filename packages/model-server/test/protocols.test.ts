import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sampleModel } from "@ml-pipelines/test-support/sample-model";
import { startListeningApp } from "./support/listening-app.js";
import type { ListeningApp } from "./support/listening-app.js";
import { inferenceCases, mlflowCases } from "./support/protocol-cases.js";
import type { ProtocolCase } from "./support/protocol-cases.js";

let service: ListeningApp;
beforeAll(async () => {
  service = await startListeningApp();
});
afterAll(() => service.stop());

const JSON_TYPE = { "content-type": "application/json" };
const { modelHash } = sampleModel();

async function ask(
  path: string,
  { body, text }: Partial<ProtocolCase>,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`http://127.0.0.1:${service.port}${path}`, {
    method: "POST",
    body: text ?? JSON.stringify(body),
    headers: { ...JSON_TYPE, ...headers },
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

describe("POST /invocations, by the tests of MLflow's scoring server", () => {
  test.each(mlflowCases())("answers $test", async (given) => {
    const type = given.contentType === undefined ? {} : { "content-type": given.contentType };
    const { status, answer } = await ask("/invocations", given, type);
    const expected =
      given.predictions === undefined
        ? { error_code: "BAD_REQUEST", message: expect.stringContaining(given.message ?? "") }
        : { predictions: given.predictions };
    expect([status, answer]).toEqual([given.status ?? 200, expected]);
  });

  test("names the error of another method", async () => {
    const response = await fetch(`http://127.0.0.1:${service.port}/invocations`);
    const answer: unknown = await response.json();
    expect([response.status, answer]).toEqual([
      405,
      { error_code: "BAD_REQUEST", message: "Method Not Allowed" },
    ]);
  });

  test("names the error of a body that is too large", async () => {
    const { status, answer } = await ask("/invocations", { text: " ".repeat(1_048_577) });
    const message = "The request's body is too large: the limit is 1048576 bytes";
    expect([status, answer]).toEqual([413, { error_code: "BAD_REQUEST", message }]);
  });

  test("rejects two columns of one name", async () => {
    const columns = ["product_code", "orders_placed", "orders_placed"];
    const body = { dataframe_split: { columns, data: [["SKU002", 60, 1]] } };
    const message = "dataframe_split.columns has two columns named orders_placed";
    expect(await ask("/invocations", { body })).toEqual({
      status: 400,
      answer: { error_code: "BAD_REQUEST", message },
    });
  });

  test("rejects a row of another length than the signature", async () => {
    const body = { instances: [["SKU002", 60], ["SKU002"]] };
    const message = "instances[1] has 1 value, expected 2: product_code, orders_placed";
    expect(await ask("/invocations", { body })).toEqual({
      status: 400,
      answer: { error_code: "BAD_REQUEST", message },
    });
  });

  test("takes rows as arrays above 16 KiB", async () => {
    const instances = Array.from({ length: 2_000 }, () => ["SKU002", 60]);
    const { answer } = await ask("/invocations", { body: { instances } });
    expect(answer).toEqual({ predictions: instances.map(() => 15.5) });
  });
});

describe("GET /version and /health", () => {
  test("answers MLflow's clients", async () => {
    const version = await fetch(`http://127.0.0.1:${service.port}/version`);
    expect([version.status, await version.text()]).toEqual([200, "1.2.3"]);
    expect((await fetch(`http://127.0.0.1:${service.port}/health`)).status).toBe(200);
  });
});

describe("the Open Inference Protocol, by the tests of KServe, Triton and MLServer", () => {
  test.each(inferenceCases())("answers $server: $test", async (given) => {
    const { path = "models/time-to-dispatch/infer" } = given;
    const { status, answer } = await ask(`/v2/${path.replace("HASH", modelHash)}`, given, given.headers);
    const expected =
      given.data === undefined
        ? { error: expect.stringContaining(given.error ?? "") }
        : {
            model_name: "time-to-dispatch",
            model_version: modelHash,
            ...idIn(given.body),
            outputs: [{ name: "est_hours_to_dispatch", shape: [2], datatype: "FP64", data: given.data }],
          };
    expect([status, answer]).toEqual([given.status ?? 200, expected]);
  });

  const idIn = (body: unknown): object =>
    typeof body === "object" && body !== null && "id" in body ? { id: body.id } : {};

  test("says that binary tensors are not supported, also above 16 KiB", async () => {
    const padding = "x".repeat(20_000);
    const body = { inputs: [], parameters: { binary_data_output: true, padding } };
    const { status, answer } = await ask("/v2/models/time-to-dispatch/infer", { body });
    const error = expect.stringMatching(/^the binary tensor data extension is not supported/);
    expect([status, answer]).toEqual([400, { error }]);
  });

  test.each(["", "/ready"])("answers GET %s for the version that is served alone", async (below) => {
    const model = `http://127.0.0.1:${service.port}/v2/models/time-to-dispatch`;
    const named = await fetch(`${model}/versions/${modelHash}${below}`);
    const unnamed = await fetch(`${model}${below}`);
    expect([named.status, await named.json()]).toEqual([200, await unnamed.json()]);
    const other = await fetch(`${model}/versions/1${below}`);
    const error = `no version of time-to-dispatch is "1", only ${modelHash}`;
    expect([other.status, await other.json()]).toEqual([404, { error }]);
  });
});

describe("POST /v2/repository/index", () => {
  const READY = { name: "time-to-dispatch", version: modelHash, state: "READY", reason: "" };

  test("lists the model that is served, with a body or without", async () => {
    expect(await ask("/v2/repository/index", { body: { ready: true } })).toEqual({
      status: 200,
      answer: [READY],
    });
    const url = `http://127.0.0.1:${service.port}/v2/repository/index`;
    expect(await (await fetch(url, { method: "POST" })).json()).toEqual([READY]);
    const error = "ready is yes, expected true or false";
    expect(await ask("/v2/repository/index", { body: { ready: "yes" } })).toEqual({
      status: 400,
      answer: { error },
    });
  });

  test("lists a newer model that was refused, and why", async () => {
    await service.storage.putText("time-to-dispatch_2026-01-01.json", "{}");
    await service.refresh();
    const refused = {
      name: "time-to-dispatch",
      state: "UNAVAILABLE",
      reason: expect.stringContaining("time-to-dispatch_2026-01-01.json"),
    };
    expect((await ask("/v2/repository/index", { body: {} })).answer).toEqual([READY, refused]);
    expect((await ask("/v2/repository/index", { body: { ready: true } })).answer).toEqual([READY]);
  });
});
