import { expect, jest, test } from "@jest/globals";
import { Progress } from "../src/progress.js";

/** What progress shows of ten steps a second apart. */
function show(isTTY: boolean): { logged: string[]; written: string } {
  const logged: string[] = [];
  let written = "";
  const log = { info: (line: string) => void logged.push(line) };
  const terminal = { isTTY, write: (text: string) => (written += text) };
  const now = jest.spyOn(performance, "now");
  now.mockReturnValue(0);
  const progress = new Progress(log, "Searching", "scores", terminal);
  for (let step = 1; step <= 10; step++) {
    now.mockReturnValue(step * 1000);
    progress.update(step * 810, 8100);
  }
  now.mockRestore();
  return { logged, written };
}

test("a log gets a line every five seconds", () => {
  expect(show(false)).toEqual({
    logged: ["Searching: 4,050 of 8,100 scores", "Searching: 8,100 of 8,100 scores"],
    written: "",
  });
});

test("a terminal gets a bar that ends with the line", () => {
  const { logged, written } = show(true);
  expect(logged).toEqual([]);
  expect(written).toContain(`\rSearching ${"█".repeat(15)}${"░".repeat(15)} 4,050 of 8,100 scores\r`);
  expect(written).toMatch(/\rSearching █{30} 8,100 of 8,100 scores\n$/);
});
