import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { accessibilityFaults } from "./support/axe.js";
import { describeInBrowser, launchBrowser } from "./support/browser.js";
import { startListeningApp } from "./support/listening-app.js";
import type { ListeningApp } from "./support/listening-app.js";

describeInBrowser("accessibility", () => {
  let service: ListeningApp;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    service = await startListeningApp();
    browser = await launchBrowser();
    page = await browser.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });

  const open = async (url: string): Promise<unknown> => page.goto(`http://127.0.0.1:${service.port}${url}`);

  test.each(["light", "dark"] as const)(
    "breaks none of axe's rules on the form, in %s colours",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await open("/");
      await page.getByRole("img").waitFor();
      await page.getByRole("button", { name: "Predict" }).click();
      await page.getByRole("status").getByText("for product code").waitFor();
      await page.getByText("The same as a table").click();
      expect(await accessibilityFaults(page)).toEqual([]);
    },
  );

  test.each(["light", "dark"] as const)(
    "breaks none in the model card, in %s colours",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await open("/");
      await page.getByRole("link", { name: "Model card" }).click();
      await page
        .getByRole("img", { name: "Prediction against orders placed, product code SKU001" })
        .waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
    },
  );

  test("breaks none in the dialog for an API key", async () => {
    await page.route("**/model", async (route) => route.fulfill({ status: 401, json: { detail: "No key" } }));
    await open("/");
    await page.getByRole("dialog", { name: "This service needs an API key" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.unroute("**/model");
  });

  test("breaks none in the documentation with operations open, and an answer", async () => {
    await open("/docs");
    const operation = page.locator("#operations-predictions-time_to_dispatch");
    await operation.waitFor();
    await page.evaluate(
      "for (const button of document.querySelectorAll('.opblock-post .opblock-summary-control')) button.click()",
    );
    await operation.getByRole("button", { name: "Try it out" }).click();
    await page.getByRole("button", { name: "Execute" }).click();
    await page.getByText('"est_hours_to_dispatch": 5.5').first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});
