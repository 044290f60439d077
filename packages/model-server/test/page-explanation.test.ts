import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchBrowser } from "./support/browser.js";
import { profileModel } from "@ml-pipelines/pipeline-utils/monitoring";
import { signatureOf } from "@ml-pipelines/test-support/sample-model";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

const products = ["SKU001", "SKU002", "SKU006"];
const orders = Float64Array.from({ length: 300 }, (_, row) => row % 101);
const profile = profileModel({
  features: signatureOf(products),
  target: { name: "hours_to_dispatch", type: "number" },
  train: { columns: [orders.map((_, row) => row % 3), orders], target: orders },
  predictions: orders,
});

describeInBrowser("the page of a model that explains", () => {
  let browser: Browser;
  let service: TestApp;
  let page: Page;
  beforeAll(async () => {
    service = await startTestApp();
    await service.storage.putModel({
      products,
      counted: true,
      metadata: { interval: { level: 0.9, n: 200, q: 1.5 }, profile },
    });
    await service.refresh();
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.goto(await service.app.listen({ host: "127.0.0.1", port: 0 }));
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });

  async function predict(product: string, orders: string) {
    await page.getByLabel("Product code").selectOption(product);
    await page.getByRole("spinbutton", { name: "Orders placed" }).fill(orders);
    await page.getByRole("button", { name: "Predict" }).click();
  }

  test("shows how sure a prediction is, the share of each feature, and the decisions", async () => {
    await predict("SKU006", "10");
    await page.getByText("90 % of true values lie between 19.00 and 22.00 for such predictions.").waitFor();
    await page.getByText("Why: the mean prediction is 13.00.").waitFor();
    expect(await page.locator("#contributions li").allInnerTexts()).toEqual([
      "Product code SKU006 adds 10.00.",
      "Orders placed 10 takes off 2.50.",
    ]);
    await page.getByText("Decisions of the model").click();
    expect(await page.locator("#decisions li").allInnerTexts()).toEqual([
      "product_code SKU006 is one of SKU002, SKU006: 40 training rows, mean 18.00",
      "product_code is SKU006: 20 training rows, mean 23.00",
      "orders_placed 10 is at most 50: 10 training rows, mean 20.50",
    ]);
  });

  test("warns of a prediction for an input that the model was not trained for, and of no other", async () => {
    await predict("SKU002", "101");
    const status = page.getByRole("status");
    await status
      .getByText("Outside the training data: orders placed. Treat this prediction as a guess.")
      .waitFor();
    await predict("SKU002", "100");
    await status.getByText("orders placed 100").waitFor();
    expect(await status.innerText()).toBe("15.50 for product code SKU002, orders placed 100");
  });

  test("shows the prediction alone when a model that cannot explain was swapped in meanwhile", async () => {
    await service.storage.putModel({ creationTime: new Date("2026-01-01T00:00:00Z") });
    await service.refresh();
    await predict("SKU002", "80");
    await page.getByRole("status").getByText("15.50 for product code SKU002, orders placed 80").waitFor();
    expect(await page.locator("#why").isVisible()).toBe(false);
  });
});
