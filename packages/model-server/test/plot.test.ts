import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchBrowser } from "./support/browser.js";
import { startTestApp } from "./support/test-app.js";
import type { TestApp } from "./support/test-app.js";

/** How many names are not within the drawing. */
const OUTSIDE = `
  (({ top, bottom, left, right }) => [...document.querySelectorAll("text.line-name")]
    .map((text) => text.getBoundingClientRect())
    .filter((box) => box.top < top || box.bottom > bottom || box.left < left || box.right > right).length
  )(document.querySelector("svg").getBoundingClientRect())`;
/** How many stand on the one above. */
const OVERLAPPING = `
  [...document.querySelectorAll("text.line-name")]
    .map((text) => text.getBoundingClientRect())
    .sort((a, b) => a.top - b.top)
    .filter(({ top }, index, all) => index > 0 && top < all[index - 1].bottom - 4).length`;
/** The names as they are drawn. */
const NAMES = `[...document.querySelectorAll("text.line-name")].map(({ firstChild }) => firstChild.textContent)`;

describeInBrowser("the line names of the plot", () => {
  let browser: Browser;
  let service: TestApp;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    service = await startTestApp();
    page = await browser.newPage({ viewport: { width: 360, height: 740 } });
  });
  afterEach(async () => {
    await page.close();
    await service.stop();
  });

  /** Draw a model of these products. */
  async function open(products: readonly string[]): Promise<void> {
    await service.storage.putModel({ products });
    await service.refresh();
    await page.goto(await service.app.listen({ host: "127.0.0.1", port: 0 }));
    await page
      .locator("text.line-name")
      .nth(products.length - 1)
      .waitFor();
  }

  test("overlaps no names, however many and close the lines are", async () => {
    await open(Array.from({ length: 40 }, (_, index) => `SKU${String(index + 1).padStart(3, "0")}`));
    expect([await page.evaluate(OVERLAPPING), await page.evaluate(OUTSIDE)]).toEqual([0, 0]);
  });

  test("shows whole names where they fit and shortens others", async () => {
    const [short, long, endless] = ["SKU001", "Garden hose, 25 m, green", "x".repeat(200)] as const;
    await open([short, long, endless]);
    const cut = [short, expect.stringMatching(/^Garden .*…$/), expect.stringMatching(/^x{5,}…$/)];
    expect([await page.evaluate(NAMES), await page.evaluate(OUTSIDE)]).toEqual([cut, 0]);
    expect(await page.locator("text.line-name title").allTextContents()).toEqual([short, long, endless]);
    await page.getByLabel("Product code").selectOption(endless);
    await page.getByRole("button").click();
    await page
      .getByRole("status")
      .getByText(`25.50 for product code ${endless}, orders placed 100`)
      .waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.locator('svg[viewBox^="0 0 9"]').waitFor();
    const wide = [short, long, expect.stringMatching(/^x{20,}…$/)];
    expect([await page.evaluate(NAMES), await page.evaluate(OUTSIDE)]).toEqual([wide, 0]);
  });
});
