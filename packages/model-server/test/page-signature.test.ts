import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { profileModel } from "@ml-pipelines/pipeline-utils/monitoring";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchBrowser } from "./support/browser.js";
import {
  DELIVERY_FEATURES,
  HOURS,
  LATE,
  linear,
  logistic,
  putDeliveryModel,
} from "./support/delivery-model.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

describeInBrowser("the page of a model with several features", () => {
  let browser: Browser;
  let service: TestApp;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    service = await startTestApp({ options: { name: "delivery", modelClasses: [linear, logistic] } });
    page = await browser.newPage({ viewport: { width: 360, height: 740 } });
  });
  afterEach(async () => {
    await page.close();
    await service.stop();
  });

  async function open(): Promise<void> {
    await service.refresh();
    await page.goto(await service.app.listen({ host: "127.0.0.1", port: 0 }));
    await page.getByRole("img").waitFor();
  }

  test("has a field for each feature, and draws the chosen one", async () => {
    await putDeliveryModel(service.storage);
    await open();
    const distances =
      /^Predictions against distance, km: north from 20\.0 to 70\.0 hours, south from 24\.0 to 74\.0 hours\.$/;
    await page.getByRole("img", { name: distances }).waitFor();
    await page.getByLabel("Against", { exact: true }).selectOption("Parcels");
    await page.getByRole("heading", { name: "Prediction against parcels" }).waitFor();
    await page
      .getByRole("img", { name: /^Predictions against parcels: north from 51\.0 to 70\.0 hours/ })
      .waitFor();
    await page.getByLabel("Distance (km)").fill("10");
    await page.getByLabel("Express").selectOption("yes");
    await page.getByRole("button").click();
    const status = page.getByRole("status");
    await status
      .getByText("17.00 hours for distance 10, parcels 20, size S, depot north, express yes")
      .waitFor();
    expect(await page.locator("svg circle").count()).toBe(1);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
  });

  test("shows classes by name", async () => {
    await putDeliveryModel(service.storage, { target: LATE, bias: -30 });
    await open();
    await page.getByRole("img", { name: /north from in time to late, south from in time to late/ }).waitFor();
    await page.getByRole("button").click();
    await page.getByRole("status").getByText("late for distance 100, parcels 20").waitFor();
    const drawing = await page.locator("svg").boundingBox();
    const name = await page.locator("svg text").getByText("in time", { exact: true }).boundingBox();
    expect(name!.x).toBeGreaterThanOrEqual(drawing!.x);
  });

  test("starts at the values that were typical in training", async () => {
    const numbers = (values: readonly number[]): Float64Array => Float64Array.from(values);
    const columns = [
      [1, 7, 90],
      [2, 4, 4],
      [2, 2, 0],
      [0, 1, 1],
      [1, 1, 0],
    ].map(numbers);
    const train = { columns, target: numbers([1, 2, 3]) };
    const profile = profileModel({
      features: DELIVERY_FEATURES,
      target: HOURS,
      train,
      predictions: [1, 2, 3],
    });
    await putDeliveryModel(service.storage, { profile });
    await open();
    const values: unknown = await page.evaluate(
      "[...document.querySelectorAll('#fields input, #fields select')].map(({ value }) => value)",
    );
    expect(values).toEqual(["7", "4", "L", "south", "true"]);
  });
});
