import { existsSync } from "node:fs";
import { describe } from "@jest/globals";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const CANDIDATES = [
  process.env.CHROMIUM ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const executablePath = CANDIDATES.find((candidate) => candidate !== "" && existsSync(candidate));
if (executablePath === undefined) {
  console.warn(
    "The pages are not tested: no chromium found (Debian: apt-get install chromium, or set CHROMIUM)",
  );
}

/** Tests that are skipped where there is no browser. */
export const describeInBrowser = executablePath === undefined ? describe.skip : describe;

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
}
