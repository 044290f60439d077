import { spawnSync } from "node:child_process";
import { test } from "@jest/globals";

/** Tests that run promtool; skipped where there is none. */
export const testWithPromtool: typeof test.skip =
  spawnSync("promtool", ["--version"]).status === 0 ? test : test.skip;

/** Run promtool in the folder of the rules; its output if it objects, else an empty text. */
export function promtool(folder: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: folder, encoding: "utf8" });
  return status === 0 ? "" : stdout + stderr;
}
