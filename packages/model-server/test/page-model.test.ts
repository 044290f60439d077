import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { ApiKeys } from "../src/plugins/api-keys.js";
import { describeInBrowser, launchBrowser } from "./support/browser.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

describeInBrowser("the page without a single model", () => {
  let browser: Browser;
  let service: TestApp;
  let replica: TestApp | undefined;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    service = await startTestApp();
    page = await browser.newPage();
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1_000);
  });
  afterEach(async () => {
    await page.close();
    await service.stop();
    await replica?.stop();
    replica = undefined;
  });

  const open = async (): Promise<unknown> =>
    page.goto(await service.app.listen({ host: "127.0.0.1", port: 0 }));

  test("waits for the first model and says so", async () => {
    await open();
    const alert = page.getByRole("alert");
    await alert.getByText("No model is loaded yet, try again later: this page does, by itself.").waitFor();
    expect(await page.getByRole("button").isDisabled()).toBe(true);
    await service.storage.putModel();
    await service.refresh();
    // As long as Retry-After says.
    await page.clock.runFor(30_000);
    await page.getByRole("img", { name: /SKU001 from/ }).waitFor();
    expect(await alert.count()).toBe(0);
    expect(await page.getByRole("button").isEnabled()).toBe(true);
  });

  test("asks again after a second when two replicas answer with different models", async () => {
    replica = await startTestApp();
    await service.storage.putModel();
    await service.refresh();
    await replica.storage.putModel({ offset: 1 });
    await replica.refresh();
    const other = await replica.app.listen({ host: "127.0.0.1", port: 0 });
    // As a load balancer shares requests out.
    await page.route("**/curves?*", async (route) =>
      route.continue({
        url: other + new URL(route.request().url()).pathname + new URL(route.request().url()).search,
      }),
    );
    const asked: string[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/model")) {
        asked.push(new URL(request.url()).pathname);
      }
    });
    const looks = (): number => asked.filter((path) => path.endsWith("/curves")).length;
    const answered = async (): Promise<unknown> =>
      Promise.all(["**/model", "**/curves?*"].map(async (url) => page.waitForResponse(url)));
    const both = answered();
    await open();
    await both;
    // Time enough for whoever does not pause.
    const idle = "(async () => { for (let i = 0; i < 30; i += 1) await fetch('healthz'); })()";
    await page.evaluate(idle);
    await page.clock.runFor(999);
    await page.evaluate(idle);
    expect(looks()).toBe(1);
    expect(await page.locator("svg").count()).toBe(0);

    const again = answered();
    await page.clock.runFor(1);
    await again;
    await service.storage.putModel({ offset: 1, creationTime: new Date("2026-01-01T00:00:00Z") });
    await service.refresh();
    await page.evaluate(idle);
    await page.clock.runFor(1_000);
    await page.getByRole("img", { name: /SKU001 from 1\.5/ }).waitFor();
    expect(await page.locator("#model").innerText()).toContain("2026-01-01T00:00:00.000Z");
    expect(looks()).toBe(3);
  });

  test("shows which model is refused and why, and the models before", async () => {
    await page.clock.setSystemTime(new Date("2026-03-04T00:00:00Z"));
    await service.storage.putModel({ creationTime: new Date("2026-01-01T00:00:00Z") });
    await service.storage.putModel({ creationTime: new Date("2026-03-01T00:00:00Z") });
    const bad = await service.storage.putText("time-to-dispatch_2026-03-02T00:00:00Z.json", "{}");
    await service.refresh();
    await open();
    const table = page.getByRole("region", { name: "Table of models" });
    await table.getByRole("row").nth(3).waitFor();
    const rows = await table.getByRole("row").allInnerTexts();
    expect(rows.map((row) => row.split("\t"))).toEqual([
      ["Made", "File", "Status"],
      [
        "2026-03-02T00:00:00.000Z (2 days ago)",
        `s3://time-to-dispatch/${bad}`,
        expect.stringMatching(/^refused: .*\S/),
      ],
      ["2026-03-01T00:00:00.000Z (3 days ago)", expect.any(String), "served now"],
      ["2026-01-01T00:00:00.000Z (2 months ago)", expect.any(String), "before it"],
    ]);
    const notice = page.getByText("The newest model is refused.");
    expect(await notice.innerText()).toContain(bad);
    const model = await page.locator("#model").innerText();
    expect(model).toContain("2026-03-01T00:00:00.000Z (3 days ago)");
    expect(model).toContain("2021-07-01T16:45:38.000Z (4 years ago)");
  });

  test("asks for the API key once, and again if it is wrong", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "page-key-"));
    await writeFile(path.join(folder, "keys"), "page-key-0123456789\n");
    await service.stop();
    service = await startTestApp({ apiKeys: new ApiKeys(path.join(folder, "keys")) });
    await service.storage.putModel();
    await service.refresh();
    await open();
    const dialog = page.getByRole("dialog", { name: "This service needs an API key" });
    await dialog.getByLabel("API key").fill("wrong-key-0123456789");
    await page.keyboard.press("Enter");
    await dialog.getByRole("alert").getByText("This key is not valid. Enter another one.").waitFor();
    await dialog.getByLabel("API key").fill("page-key-0123456789");
    await page.keyboard.press("Enter");
    await page.getByRole("img", { name: /SKU001 from/ }).waitFor();
    await page.getByRole("link", { name: "API documentation" }).click();
    await page.locator("#operations-predictions-time_to_dispatch").waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    await rm(folder, { recursive: true });
  });
});
