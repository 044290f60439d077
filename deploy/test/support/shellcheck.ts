import { spawnSync } from "node:child_process";
import { test } from "@jest/globals";

/** Tests that run shellcheck; skipped where there is none. */
export const testWithShellCheck: typeof test.skip =
  spawnSync("shellcheck", ["--version"]).status === 0 ? test : test.skip;

/**
 * @param args - Files, or `-` for what `input` has; files that these source are checked with them.
 * @returns Its objections; empty if there are none.
 */
export function shellCheck(args: string[], input = ""): string {
  const options = ["--external-sources", "--check-sourced", "--source-path=SCRIPTDIR", "--format=gcc"];
  const { stdout, stderr } = spawnSync("shellcheck", [...options, ...args], { encoding: "utf8", input });
  return stdout + stderr;
}
