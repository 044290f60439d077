import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ModelStorage } from "@ml-pipelines/test-support/model-storage";
import { startTestApp } from "./support/test-app.js";
import type { TestApp, TestAppOptions } from "./support/test-app.js";

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
/** Written by mistake, as 2099 for 2019. */
const FUTURE = new Date("2099-01-01T00:00:00Z");

describe("the newest model of a shared folder", () => {
  let storage: ModelStorage;
  const started: TestApp[] = [];
  beforeEach(async () => {
    storage = await ModelStorage.start();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((service) => service.stop()));
    await storage.stop();
  });

  async function start(options: TestAppOptions = {}): Promise<TestApp> {
    const service = await startTestApp({ storage, ...options });
    started.push(service);
    return service;
  }
  const served = (service: TestApp): string | undefined => service.holder.current?.origin.key;

  test("ignores models of other names", async () => {
    const own = await storage.putModel({ creationTime: at(1) });
    await storage.putModel({ name: "my-experiment", creationTime: at(2), offset: 1 });
    await storage.putModel({ name: "time-to-dispatch-v2", creationTime: at(3), offset: 2 });
    await storage.putText("report_2026-01-04.json", "{}");
    const service = await start();
    expect(await service.refresh()).toBe("loaded");
    expect(await service.refresh()).toBe("unchanged");
    expect(served(service)).toBe(own);
    expect(service.holder.refusal).toBeUndefined();
  });

  test("rejects a file whose model has another name than the file", async () => {
    const own = await storage.putModel({ creationTime: at(1) });
    const other = await storage.putModel({ name: "my-experiment", creationTime: at(2), offset: 1 });
    const text = await storage.read(other);
    await storage.putText("time-to-dispatch_2026-01-03T00:00:00.000Z.json", text);
    const service = await start();
    expect(await service.refresh()).toBe("refused");
    expect(served(service)).toBe(own);
    expect(service.lines.join("\n")).toContain(
      `the model's name is "my-experiment", of 13 characters, expected "time-to-dispatch"`,
    );
  });

  test("serves a model newer than the served one while the newest is rejected", async () => {
    await storage.putModel({ creationTime: at(1) });
    const service = await start();
    await service.refresh();
    await storage.putText("time-to-dispatch_2026-01-09.json", "{}");
    expect(await service.refresh()).toBe("refused");
    const newer = await storage.putModel({ creationTime: at(2), offset: 1 });
    expect(await service.refresh()).toBe("loaded");
    expect(served(service)).toBe(newer);
    expect(await service.refresh()).toBe("unchanged");
    const newest = await storage.putModel({ creationTime: at(3), offset: 2 });
    expect(await service.refresh()).toBe("loaded");
    expect(served(service)).toBe(newest);
  });

  test("serves the same model from two replicas, whenever they started", async () => {
    const early = await start();
    await storage.putModel({ creationTime: at(1) });
    await early.refresh();
    const good = await storage.putModel({ creationTime: at(2), offset: 1 });
    for (const day of [5, 6, 7, 8]) {
      await storage.putText(`time-to-dispatch_2026-01-0${day}.json`, "{}");
      await early.refresh();
    }
    const late = await start();
    await late.refresh();
    await early.refresh();
    expect([served(early), served(late)]).toEqual([good, good]);
    const newest = await storage.putModel({ creationTime: at(4), offset: 2 });
    await Promise.all([early.refresh(), late.refresh()]);
    expect([served(early), served(late)]).toEqual([newest, newest]);
  });

  test("skips a model dated ahead of the clock, with a warning and a metric", async () => {
    const good = await storage.putModel({ creationTime: at(1) });
    const future = await storage.putModel({ creationTime: FUTURE, offset: 1 });
    const service = await start();
    expect(await service.refresh()).toBe("loaded");
    expect(await service.refresh()).toBe("unchanged");
    expect(served(service)).toBe(good);
    expect(service.lines.filter((line) => line.startsWith("WARNING"))).toEqual([
      `WARNING Passed over s3://time-to-dispatch/${future}: it is dated more than a day ahead of the clock; --allow-future would serve it`,
    ]);
    expect((await service.get("/metrics")).payload).toContain("model_future_dated 1\n");
    const newer = await storage.putModel({ creationTime: at(2), offset: 2 });
    expect(await service.refresh()).toBe("loaded");
    expect(served(service)).toBe(newer);
    // Nor is it one of those that are tried while the newest is refused.
    await storage.putText("time-to-dispatch_2026-01-09.json", "{}");
    await service.refresh();
    expect(served(service)).toBe(newer);
  });

  test("serves a model dated ahead of the clock when allowFuture is set", async () => {
    await storage.putModel({ creationTime: at(1) });
    const future = await storage.putModel({ creationTime: FUTURE, offset: 1 });
    const service = await start({ allowFuture: true });
    await service.refresh();
    expect(served(service)).toBe(future);
    expect((await service.get("/metrics")).payload).toContain("model_future_dated 0\n");
  });
});
