import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What `npm test` told its scripts is not meant for another project. */
const OF_NPM =
  /^(npm_(package|lifecycle|command|config_(loglevel|local_prefix|prefix))|INIT_CWD|NODE_OPTIONS)/i;

/**
 * Run a command in a project of its own.
 *
 * @returns What it printed on standard output.
 * @throws {Error} With all that it printed.
 */
export async function runOutside(command: string, args: readonly string[], cwd: string): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !OF_NPM.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    NODE_NO_WARNINGS: "1",
    // Where it sees a CI at work, Yarn refuses the first install of a project, which writes its lockfile.
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
  };
  const { stdout } = await promisify(execFile)(command, args, { cwd, env }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${output(error, "stdout")}${output(error, "stderr")}`);
  });
  return stdout;
}

function output(error: unknown, stream: "stdout" | "stderr"): string {
  const text: unknown = typeof error === "object" && error !== null ? Reflect.get(error, stream) : "";
  return typeof text === "string" ? text : "";
}
