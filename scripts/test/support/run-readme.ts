import { readFileSync } from "node:fs";
import { runOutside } from "./run-outside.js";

/** The commands of a page: its blocks of bash, one after the other. */
export function commandsOf(page: string): string {
  const blocks = readFileSync(page, "utf8").matchAll(/^```bash\n(.*?)^```$/gms);
  return Array.from(blocks, ([, block]) => block).join("");
}

/**
 * Run commands in one shell; the first that fails ends it. One in the background has begun when it says where it listens
 * or what it serves; it ends with the shell.
 *
 * @returns The output of the others.
 * @throws {Error} With what they printed.
 */
export function runCommands(commands: string, cwd: string): Promise<string> {
  const script = commands.replaceAll(
    /^(.*) &$/gm,
    (_, command: string) =>
      `log=$(mktemp); ${command} >"$log" 2>&1 & until grep -qiE 'listening|serving' "$log"; do sleep 0.1; done`,
  );
  // With job control each command in the background is a group of processes, which ends as a whole.
  const stop = `set -m; trap 'for job in $(jobs -p); do kill -- "-$job"; done' EXIT`;
  return runOutside("bash", ["-euo", "pipefail", "-c", `${stop}\n${script}`], cwd);
}
