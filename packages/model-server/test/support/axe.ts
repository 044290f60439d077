import axe from "axe-core";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** The faults of accessibility that axe finds on a page as it stands: each rule with the elements that break it. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations }: Pick<AxeResults, "violations"> = await page.evaluate("axe.run()");
  return violations.map(({ id, impact, nodes }) => {
    const elements = nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} :: ${failureSummary}`);
    return `${id} (${impact}): ${elements.join("\n    ")}`;
  });
}
