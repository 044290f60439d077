import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BUCKET } from "@ml-pipelines/test-support/model-storage";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));

describe("the model at start when the newest is rejected", () => {
  let service: TestApp;
  beforeEach(async () => {
    service = await startTestApp();
  });
  afterEach(() => service.stop());

  const hours = async (): Promise<unknown> => {
    const payload = { product_code: "SKU001", orders_placed: 1 };
    const response = await service.app.inject({ method: "POST", url: "/api/v0.1/time_to_dispatch", payload });
    return response.json<{ est_hours_to_dispatch: number }>().est_hours_to_dispatch;
  };
  const putBad = (day: number): Promise<string> =>
    service.storage.putText(`time-to-dispatch_2026-01-0${day}.json`, "{}");

  test("serves the newest of the five newest models that passes", async () => {
    await service.storage.putModel({ creationTime: at(1) });
    const good = await service.storage.putModel({ creationTime: at(2), offset: 1 });
    const older = await putBad(3);
    const newest = await putBad(4);
    expect(await service.refresh()).toBe("refused");
    expect(await hours()).toBe(1.5);
    expect(service.lines.filter((line) => !line.includes('"GET') && !line.includes('"POST'))).toEqual([
      expect.stringMatching(
        new RegExp(
          `^ERROR Refused the newest model - s3://${BUCKET}/${newest}.* - looking for an older one$`,
        ),
      ),
      expect.stringContaining(`WARNING Refused an older model too - s3://${BUCKET}/${older}`),
      expect.stringContaining("INFO Successfully loaded model: "),
      `WARNING Serving an older model, s3://${BUCKET}/${good}, until a newer one passes`,
    ]);
    const ready = await service.app.inject("/readyz");
    expect(ready.statusCode).toBe(200);
    expect(ready.json()).toMatchObject({
      model_address: `s3://${BUCKET}/${good}`,
      refused_model: `s3://${BUCKET}/${newest}`,
    });
    const metrics = (await service.app.inject("/metrics")).body;
    expect(metrics).toContain("model_refused 1\n");
    expect(metrics).toContain(`model_key="${good}"`);

    service.lines.length = 0;
    expect(await service.refresh()).toBe("unchanged");
    expect(service.lines).toEqual([]);
    await service.storage.putModel({ creationTime: at(5), offset: 2 });
    expect(await service.refresh()).toBe("loaded");
    expect(await hours()).toBe(2.5);
    expect(service.holder.refusal).toBeUndefined();
  });

  test("serves none when none of the five newest passes, and reads each once", async () => {
    await service.storage.putModel({ creationTime: at(1) });
    for (const day of [2, 3, 4, 5, 6]) {
      await putBad(day);
    }
    const requests: string[] = [];
    service.storage.client.middlewareStack.add(
      (next, { commandName = "" }) =>
        (request) => {
          requests.push(commandName);
          return next(request);
        },
      { step: "finalizeRequest" },
    );
    expect(await service.refresh()).toBe("refused");
    expect([...requests].sort()).toEqual([
      ...new Array<string>(5).fill("GetObjectCommand"),
      ...new Array<string>(2).fill("ListObjectsV2Command"),
    ]);
    expect(service.lines).toHaveLength(6);
    expect(service.lines.at(-1)).toBe(
      `ERROR None of the 5 newest models in s3://${BUCKET}/models passes - waiting for one, not ready`,
    );
    expect(await service.refresh()).toBe("unchanged");
    expect(service.lines).toHaveLength(6);
    // Both listings again, since another may have come, and no file.
    expect(requests.slice(7)).toEqual(["ListObjectsV2Command", "ListObjectsV2Command"]);
    expect((await service.app.inject("/readyz")).statusCode).toBe(503);
  });

  test("skips files of other models, which do not count among the five", async () => {
    const good = await service.storage.putModel({ creationTime: at(1), offset: 1 });
    const text = await service.storage.read(await service.storage.putModel({ name: "experiment" }));
    for (const day of [2, 3, 4, 5, 6, 7]) {
      await service.storage.putText(`time-to-dispatch_2026-01-0${day}.json`, text);
    }
    expect(await service.refresh()).toBe("refused");
    expect(service.lines.at(-1)).toBe(
      `WARNING Serving an older model, s3://${BUCKET}/${good}, until a newer one passes`,
    );
    expect(await hours()).toBe(1.5);
  });
});
