import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

/** The output of a program, and how it ended. */
export interface Run {
  /** null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** The whole environment but PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each output of the child, whichever stream it is from. */
  readonly onOutput?: (text: string, child: ChildProcess) => void;
}

/** Run a program of Node to its end. */
export async function runChild(
  program: string,
  args: readonly string[],
  { env = {}, onOutput }: RunOptions = {},
): Promise<Run> {
  const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env.PATH, ...env } });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      onOutput?.(text, child);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...output };
}
