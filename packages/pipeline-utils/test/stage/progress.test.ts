import { expect, jest, test } from "@jest/globals";
import { Progress } from "@ml-pipelines/pipeline-utils/stage";

/** Show the progress of ten steps a second apart, or of the first of them. */
function show(isTTY: boolean, steps = 10): { logged: string[]; written: string } {
  const logged: string[] = [];
  let written = "";
  const log = { info: (line: string) => void logged.push(line) };
  const terminal = { isTTY, write: (text: string) => (written += text) };
  const now = jest.spyOn(performance, "now");
  now.mockReturnValue(0);
  const progress = new Progress(log, "Searching", "scores", terminal);
  for (let step = 1; step <= steps; step++) {
    now.mockReturnValue(step * 1000);
    progress.update(step * 810, 8100);
  }
  progress.end();
  now.mockRestore();
  return { logged, written };
}

test("writes a line to a log every five seconds", () => {
  expect(show(false)).toEqual({
    logged: ["Searching: 4,050 of 8,100 scores", "Searching: 8,100 of 8,100 scores"],
    written: "",
  });
});

test("draws a bar on a terminal and ends its line", () => {
  const { logged, written } = show(true);
  expect(logged).toEqual([]);
  expect(written).toContain(`\rSearching ${"█".repeat(15)}${"░".repeat(15)} 4,050 of 8,100 scores\r`);
  expect(written).toMatch(/\rSearching █{30} 8,100 of 8,100 scores\n$/);
});

test("shows nothing for work of a single step, however long it takes", () => {
  for (const isTTY of [false, true]) {
    const show = jest.fn();
    const now = jest.spyOn(performance, "now").mockReturnValue(0);
    const progress = new Progress({ info: show }, "Uploading", "bytes", { isTTY, write: show });
    now.mockReturnValue(60_000);
    progress.update(2000, 2000);
    progress.end();
    now.mockRestore();
    expect(show).not.toHaveBeenCalled();
  }
});

test("ends the line of an unfinished bar once", () => {
  expect(show(true, 5).written).toMatch(/ 4,050 of 8,100 scores\n$/);
  expect(show(false, 5).written).toBe("");
});
