import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Code in the form that `--import` takes, to run before the program. */
export const preloaded = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;

/** Fix the event-loop delay that the program measures, in milliseconds, however busy the machine is. */
const eventLoop = (delayMs: number): string => {
  const code = `
    import hooks from "node:perf_hooks";
    import { syncBuiltinESMExports } from "node:module";
    const { monitorEventLoopDelay } = hooks;
    hooks.monitorEventLoopDelay = (options) =>
      Object.defineProperty(monitorEventLoopDelay(options), "mean", {
        value: (${delayMs} + options.resolution) * 1e6,
      });
    syncBuiltinESMExports();`;
  return preloaded(code);
};

export interface ServerProgramOptions {
  /** How late its event loop is; default: not at all. */
  delayMs?: number;
}

/** A Node program that listens, as a child process, with its output so far. */
export class ServerProgram {
  output = "";
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown[]>;

  constructor(
    main: string,
    argv: readonly string[],
    environment: Record<string, string> = {},
    { delayMs = 0 }: ServerProgramOptions = {},
  ) {
    const { PATH = "" } = process.env;
    const env = { PATH, ...environment };
    const args = ["--import", eventLoop(delayMs), main, ...argv];
    this.#process = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    // Not "exit", after which output may still be on its way.
    this.#exited = once(this.#process, "close");
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
  }

  /** The address it listens on. */
  async listening(): Promise<string> {
    const [, address = ""] = await this.printed(/Listening on (http:\S+)/);
    return address.replace("0.0.0.0", "127.0.0.1");
  }

  /** Wait until it has printed something. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) {
        return found;
      }
      if (this.#process.exitCode !== null) {
        throw new Error(`the program ended without ${pattern.source}: ${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Wait for its end and all of its output; its exit code. */
  async ended(): Promise<unknown> {
    const [code] = await this.#exited;
    return code;
  }

  /** End it in any case. */
  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill("SIGKILL");
    }
    await this.#exited;
  }
}
