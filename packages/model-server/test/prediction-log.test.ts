import { gunzipSync } from "node:zlib";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { startFaultProxy } from "@ml-pipelines/test-support/fault-proxy";
import type { Fault, FaultProxy } from "@ml-pipelines/test-support/fault-proxy";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";
import { post } from "@ml-pipelines/test-support/post";
import { keysBelow } from "@ml-pipelines/test-support/test-storage";
import { Programs } from "./support/programs.js";

const ORDER = '{"product_code": "SKU001", "orders_placed": 10}';

describe("a service that logs its predictions", () => {
  let storage: ModelStorage;
  let programs: Programs;
  let proxy: FaultProxy | undefined;
  let key: string;
  beforeAll(async () => {
    storage = await ModelStorage.start();
    key = await storage.putModel();
    programs = new Programs(storage);
  });
  afterEach(async () => {
    await programs.stop();
    await proxy?.stop();
  });
  afterAll(() => storage.stop());

  const predict = async (address: string, body: string, route = ""): Promise<Response> =>
    post(`${address}/api/v0.1/time_to_dispatch${route}`, body);

  async function loggedRows(): Promise<unknown[]> {
    const rows: unknown[] = [];
    for (const Key of await keysBelow(storage.client, BUCKET, "predictions/")) {
      const { Body } = await storage.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      const lines = gunzipSync((await Body?.transformToByteArray()) ?? "").toString();
      rows.push(
        ...lines
          .trim()
          .split("\n")
          .map((line): unknown => JSON.parse(line)),
      );
    }
    return rows;
  }

  test("writes all rows at SIGTERM, with the inputs that it may log", async () => {
    const program = programs.serve(["--log-predictions", "--log-inputs", "orders_placed,customer"]);
    const address = await program.listening();
    const { headers } = await predict(address, ORDER);
    const batch = await predict(
      address,
      `[${ORDER}, {"product_code": "SKU002", "orders_placed": 20}]`,
      "/batch",
    );
    expect((await predict(address, "{}")).status).toBe(422);
    expect(await keysBelow(storage.client, BUCKET, "predictions/")).toEqual([]);
    program.kill("SIGTERM");
    expect(await program.ended()).toBe(0);

    const row = (orders: number, response: Headers) => ({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      id: response.get("x-request-id"),
      model_key: key,
      model_hash: response.get("x-model-hash"),
      inputs: { orders_placed: orders },
      prediction: expect.any(Number),
    });
    expect(await loggedRows()).toEqual([row(10, headers), row(10, batch.headers), row(20, batch.headers)]);
    const [name] = await keysBelow(storage.client, BUCKET, "predictions/");
    expect(name).toMatch(
      /^predictions\/time-to-dispatch\/dt=\d{4}-\d\d-\d\d\/\d\d\/[\w.-]+-000000\.ndjson\.gz$/,
    );
  });

  test("answers every prediction while the log's storage hangs, and ends in time", async () => {
    const fate = ({ method, url }: { method: string; url: string }): Fault =>
      method === "PUT" && url.includes("/predictions/") ? { kind: "hang" } : { kind: "pass" };
    proxy = await startFaultProxy(storage.endpoint, fate);
    const program = programs.serve(["--log-predictions"], { AWS_ENDPOINT_URL_S3: proxy.endpoint });
    const address = await program.listening();
    const rows = Array.from({ length: 10_000 }, () => ORDER).join();
    const statuses = new Set<number>();
    for (let round = 0; round < 8; round += 1) {
      statuses.add((await predict(address, `[${rows}]`, "/batch")).status);
    }
    expect([...statuses]).toEqual([200]);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toMatch(/^model_prediction_log_written_total 0$/m);
    program.kill("SIGTERM");
    expect(await program.ended()).toBe(0);
    const [, full = ""] = /^model_prediction_log_dropped_total\{reason="full"\} (\d+)$/m.exec(metrics) ?? [];
    expect(program.output).toContain(
      `Could not log the last ${80_000 - Number(full)} predictions to s3://${BUCKET}/predictions/time-to-dispatch/ in time`,
    );
  });
});
