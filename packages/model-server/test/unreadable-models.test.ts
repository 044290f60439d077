import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { errorXml } from "@ml-pipelines/test-support/error-xml";
import { startFaultProxy } from "@ml-pipelines/test-support/fault-proxy";
import type { FaultProxy } from "@ml-pipelines/test-support/fault-proxy";
import type { ServerProgram } from "@ml-pipelines/test-support/server-program";
import { Programs } from "./support/programs.js";
import { BUCKET, ModelStorage } from "@ml-pipelines/test-support/model-storage";

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));

/** Storage lists a model and denies to read it, as it does what another account has written, or encrypted with its own key. */
describe("models that storage lists and does not return", () => {
  let storage: ModelStorage;
  let proxy: FaultProxy;
  let programs: Programs;
  const denied = new Set<string>();
  const missing = new Set<string>();
  const isOf = (keys: Set<string>, url: string): boolean =>
    [...keys].some((key) => decodeURIComponent(url).includes(key));

  beforeEach(async () => {
    denied.clear();
    missing.clear();
    storage = await ModelStorage.start();
    programs = new Programs(storage);
    const endpoint = storage.environment.AWS_ENDPOINT_URL_S3 ?? "";
    proxy = await startFaultProxy(endpoint, ({ url }) => {
      if (isOf(denied, url)) {
        return { kind: "answer", status: 403, body: errorXml("AccessDenied", "Access Denied") };
      }
      if (isOf(missing, url)) {
        return { kind: "answer", status: 404, body: errorXml("NoSuchKey", "The key does not exist.") };
      }
      return { kind: "pass" };
    });
  });
  afterEach(async () => {
    await programs.stop();
    await proxy.stop();
    await storage.stop();
  });

  /** Put a model that may not be read from the moment it is listed. */
  async function putDenied(day: number): Promise<string> {
    denied.add(`time-to-dispatch_${at(day).toISOString()}`);
    return storage.putModel({ creationTime: at(day), offset: day });
  }

  const serve = (): ServerProgram =>
    programs.serve(["--poll-seconds", "0.1"], { AWS_ENDPOINT_URL_S3: proxy.endpoint });
  const refusal = (key: string): string =>
    `s3://${BUCKET}/${key} at ${proxy.endpoint}: access denied: the credentials lack the permission (AccessDenied: Access Denied)`;

  test("serves the newest readable model at start, and the newest once it is readable", async () => {
    const good = await storage.putModel({ creationTime: at(1) });
    const key = await putDenied(2);
    const running = serve();
    const address = await running.listening();
    expect(running.output).toContain(
      `ERROR - serve_model.main - Refused the newest model - ${refusal(key)} - looking for an older one\n`,
    );
    const readiness = async (): Promise<unknown> => (await fetch(`${address}/readyz`)).json();
    expect(await readiness()).toMatchObject({
      model_address: `s3://${BUCKET}/${good}`,
      refused_model: `s3://${BUCKET}/${key}`,
    });
    const looks = (): number => proxy.requests.filter((request) => request.includes(key)).length;
    while (looks() < 4) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(running.output.match(/ERROR/g)).toHaveLength(1);

    denied.clear();
    await running.printed(/Successfully loaded model: .*2026-01-02/);
    expect(await readiness()).not.toHaveProperty("refused_model");
  });

  test("keeps the served model when a newer one is denied", async () => {
    const good = await storage.putModel({ creationTime: at(1) });
    const running = serve();
    const address = await running.listening();
    const key = await putDenied(2);
    await running.printed(/ERROR/);
    expect(running.output).toContain(
      `ERROR - serve_model.main - Refused the newest model - ${refusal(key)} - still serving s3://${BUCKET}/${good}\n`,
    );
    expect(await (await fetch(`${address}/readyz`)).json()).toMatchObject({
      refused_model: `s3://${BUCKET}/${key}`,
    });
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toContain("model_refused 1\n");
    expect(metrics).toContain('model_refreshes_total{outcome="refused"} 1\n');
  });

  test("exits with 2 at start when every model is denied", async () => {
    await putDenied(1);
    const key = await putDenied(2);
    const running = serve();
    expect(await running.ended()).toBe(2);
    expect(running.output.trimEnd()).toMatch(
      /ERROR - serve_model\.main - Could not get latest model [^\n]+$/,
    );
    expect(running.output.trimEnd().endsWith(refusal(key))).toBe(true);
  });

  test("reports one failed look when every model is denied, and serves one once readable", async () => {
    const running = serve();
    const address = await running.listening();
    const newest = await putDenied(2);
    const older = await putDenied(1);
    const failed = `Could not look for a newer model - ${refusal(newest)} - waiting for one, not ready\n`;
    await running.printed(/Could not look/);
    const asked = (key: string): number =>
      proxy.requests.filter((request) => request.startsWith("GET") && request.includes(key)).length;
    while (asked(older) < 4) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(running.output).toContain(failed);
    expect(running.output.match(/ERROR/g)).toHaveLength(2);
    expect(running.output.match(/Refused an older model too/g)).toHaveLength(1);
    expect(running.output).not.toContain("could be looked for again");
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toMatch(/model_refreshes_total\{outcome="failed"\} (?:[3-9]|\d{2,})\n/);

    denied.delete(`time-to-dispatch_${at(1).toISOString()}`);
    await running.printed(/Serving an older model, .*2026-01-01/);
    expect((await fetch(`${address}/readyz`)).status).toBe(200);
  });

  test("serves an older model at start when the newest is missing", async () => {
    missing.add(await storage.putModel({ creationTime: at(2) }));
    const good = await storage.putModel({ creationTime: at(1) });
    const running = serve();
    const address = await running.listening();
    expect(running.output).toContain(": no such object - looking for an older one\n");
    expect(await (await fetch(`${address}/readyz`)).json()).toMatchObject({
      model_address: `s3://${BUCKET}/${good}`,
    });
  });
});
