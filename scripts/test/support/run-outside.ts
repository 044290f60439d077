import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Variables that `npm test` sets for its own scripts, which would mislead another project. */
const OF_NPM =
  /^(npm_(package|lifecycle|command|config_(loglevel|local_prefix|prefix))|INIT_CWD|NODE_OPTIONS)/i;

/** The environment of a command in a project of its own, without this project's settings. */
export function outsideEnvironment(): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !OF_NPM.test(name));
  return {
    ...Object.fromEntries(inherited),
    NODE_NO_WARNINGS: "1",
    // Where yarn detects a CI, it refuses a project's first install, because that writes the lockfile.
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
  };
}

/**
 * Run a command in a project of its own.
 *
 * @param variables - Further variables of its environment.
 * @returns Its standard output.
 * @throws {Error} The command failed; the message has its whole output.
 */
export async function runOutside(
  command: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...outsideEnvironment(), ...variables };
  const { stdout } = await promisify(execFile)(command, args, { cwd, env }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${output(error, "stdout")}${output(error, "stderr")}`);
  });
  return stdout;
}

function output(error: unknown, stream: "stdout" | "stderr"): string {
  const text: unknown = typeof error === "object" && error !== null ? Reflect.get(error, stream) : "";
  return typeof text === "string" ? text : "";
}
