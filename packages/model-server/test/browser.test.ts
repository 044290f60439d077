import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchBrowser } from "./support/browser.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

describeInBrowser("the service in a browser", () => {
  let service: TestApp;
  let browser: Browser;
  let page: Page;
  let address = "";
  /** Whatever the browser complained of or loaded from elsewhere. */
  const complaints: string[] = [];

  beforeAll(async () => {
    service = await startTestApp();
    await service.storage.putModel({
      products: ["SKU001", "SKU002", "SKU006"],
      metadata: { metrics: { r_squared: 0.974 } },
    });
    await service.refresh();
    address = await service.app.listen({ host: "127.0.0.1", port: 0 });
    browser = await launchBrowser();
    page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") {
        complaints.push(message.text());
      }
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(address) && !request.url().startsWith("data:")) {
        complaints.push(request.url());
      }
    });
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });

  test("shows the model and its metrics", async () => {
    await page.goto(address);
    await page.getByText("Commit of the pipeline").waitFor();
    const text = await page.locator("main").innerText();
    expect(text).toContain(service.holder.current!.hash);
    expect(text).toContain("s3://data/datasets/time_to_dispatch_2021-07-01T16|45|38.csv");
    expect(text).toMatch(/R squared\s+0\.9740/);
    expect(complaints).toEqual([]);
  });

  test("builds the form from the signature and works by keyboard alone", async () => {
    await page.goto(address);
    const product = page.getByLabel("Product code");
    expect(await product.locator("option").allInnerTexts()).toEqual(["SKU001", "SKU002", "SKU006"]);
    await page.getByRole("link", { name: "API documentation" }).focus();
    // Past the model card, openapi.json and Metrics to the first field.
    for (let stops = 4; stops > 0; stops -= 1) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.type("SKU006");
    await page.keyboard.press("Tab");
    await page.keyboard.type("60");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("25.50 for product code SKU006, orders placed 60").waitFor();
    expect(await page.locator("svg circle").count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test("shows a fault beside its field and focuses the field", async () => {
    await page.goto(address);
    const orders = page.getByRole("spinbutton", { name: "Orders placed" });
    await orders.fill("-1");
    await page.getByRole("button", { name: "Predict" }).click();
    const fault = page.locator(".field", { has: orders }).getByRole("alert");
    await fault.getByText("Enter 0 or more").waitFor();
    expect(await orders.getAttribute("aria-describedby")).toBe(await fault.getAttribute("id"));
    expect(await page.locator(":focus").getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByRole("status").innerText()).toBe("");
    await orders.fill("");
    await page.keyboard.press("Enter");
    await fault.getByText("Enter a number").waitFor();
    expect(complaints.splice(0)).toEqual([expect.stringContaining("422"), expect.stringContaining("422")]);
    await page.keyboard.type("60");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("5.50 for product code SKU001, orders placed 60").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    expect(await orders.getAttribute("aria-invalid")).toBeNull();
    expect(await page.locator(".field .fault").allTextContents()).toEqual(["", ""]);
  });

  test("fits a telephone and keeps the usual text size in the drawing", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(address);
    const drawing = page.getByRole("img");
    await drawing.waitFor();
    const overhang = async (): Promise<unknown> =>
      page.evaluate("document.documentElement.scrollWidth - innerWidth");
    const scale = async (): Promise<unknown> =>
      page.evaluate(
        "(({ viewBox, clientWidth }) => clientWidth / viewBox.baseVal.width)(document.querySelector('svg'))",
      );
    expect([await overhang(), await scale()]).toEqual([0, 1]);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.locator('svg[viewBox^="0 0 9"]').waitFor();
    expect([await overhang(), await scale()]).toEqual([0, 1]);
  });

  test("draws a line for each product and lists the same values in a table", async () => {
    await page.goto(address);
    await page.getByRole("img", { name: /SKU001 from 0\.5 to 5\.5/ }).waitFor();
    const products: unknown = await page.evaluate(
      "[...document.querySelectorAll('path[data-line]')].map((path) => path.dataset.line)",
    );
    expect(products).toEqual(["SKU001", "SKU002", "SKU006"]);
    await page.getByText("The same as a table").click();
    const rows = await page.locator("#curves-table").getByRole("row").allInnerTexts();
    expect(rows.map((row) => row.split(/\s+/).join(" "))).toEqual([
      "Orders placed from SKU001 SKU002 SKU006",
      "0 0.50 10.50 20.50",
      "50 5.50 15.50 25.50",
    ]);
  });

  test("shows the model that predicted when it was replaced meanwhile", async () => {
    await page.goto(address);
    await page.getByText("Commit of the pipeline").waitFor();
    const products = ["SKU001", "SKU002", "SKU006", "SKU007"];
    await service.storage.putModel({ products, offset: 1, creationTime: new Date("2026-01-01T00:00:00Z") });
    await service.refresh();
    await page.getByRole("button", { name: "Predict" }).click();
    await page.getByRole("status").getByText("6.50 for product code SKU001, orders placed 100").waitFor();
    expect(await page.locator("#model").innerText()).toContain("2026-01-01T00:00:00.000Z");
    expect(await page.getByLabel("Product code").locator("option").allInnerTexts()).toEqual(products);
    // Trained again to the same tree.
    await service.storage.putModel({ products, offset: 1, creationTime: new Date("2026-02-01T00:00:00Z") });
    await service.refresh();
    await page.getByRole("button", { name: "Predict" }).click();
    await page
      .locator("#model")
      .getByText(/^2026-02-01T00:00:00\.000Z \(/)
      .first()
      .waitFor();
    expect(complaints).toEqual([]);
  });

  test("marks the prediction in the drawing, also beyond the last step", async () => {
    await page.goto(address);
    await page.getByRole("spinbutton", { name: "Orders placed" }).fill("1000");
    await page.keyboard.press("Enter");
    const mark = page.locator("svg circle");
    await mark.waitFor();
    const tick = page.locator("svg text").getByText("1000", { exact: true });
    expect(await mark.getAttribute("cx")).toBe(await tick.getAttribute("x"));
  });

  test("names every control and has one main heading", async () => {
    await page.goto(address);
    await page.getByLabel("Product code").waitFor();
    const unnamed: unknown = await page.evaluate(`
      [...document.querySelectorAll("input, select, button, a, [role=img], [role=region]")]
        .filter((control) => !control.labels?.length && !control.textContent.trim() && !control.ariaLabelledByElements)
        .map((control) => control.outerHTML)`);
    expect(unnamed).toEqual([]);
    expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
  });

  test("shows the documentation and runs an endpoint without other sites", async () => {
    await page.goto(`${address}/docs`);
    await page.locator("#operations-predictions-time_to_dispatch").click();
    await page.getByRole("button", { name: "Try it out" }).click();
    await page.getByRole("button", { name: "Execute" }).click();
    // With the example as it stands.
    await page.getByText('"est_hours_to_dispatch": 6.5').first().waitFor();
    await page.locator("textarea.body-param__text").fill('{"product_code": "SKU006", "orders_placed": 1}');
    await page.getByRole("button", { name: "Execute" }).click();
    await page.getByText('"est_hours_to_dispatch": 21.5').first().waitFor();
    expect(complaints).toEqual([]);
  });
});
