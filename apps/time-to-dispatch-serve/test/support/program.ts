import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** The program as a child process, with what it has printed so far. */
export class Program {
  output = "";
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown[]>;

  /** @param main - The program's file. Default: where the build leaves it. */
  constructor(argv: readonly string[], environment: Record<string, string> = {}, main = MAIN) {
    const { PATH = "" } = process.env;
    const env = { PATH, ...environment };
    this.#process = spawn(process.execPath, [main, ...argv], { env, stdio: ["ignore", "pipe", "pipe"] });
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
    const line = await this.printed(/Listening on (http:\S+)/);
    return line[1]!.replace("0.0.0.0", "127.0.0.1");
  }

  /** Wait until it has printed something. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      if (this.#process.exitCode !== null)
        throw new Error(`the program ended without ${pattern.source}: ${this.output}`);
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
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill("SIGKILL");
    await this.#exited;
  }
}
