import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { outsideEnvironment } from "./run-outside.js";

/** A program that runs in the background, in a project of its own, until it gets a signal. */
export class BackgroundProgram {
  readonly #child: ChildProcess;
  #output = "";

  constructor(
    command: string,
    args: readonly string[],
    options: { cwd: string; variables?: Readonly<Record<string, string>> },
  ) {
    const env = { ...outsideEnvironment(), ...options.variables };
    this.#child = spawn(command, args, { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
  }

  /**
   * Wait for the program to print its address.
   *
   * @returns The first `http://127.0.0.1:PORT` of its output.
   * @throws {Error} The program ended first; the message has its output.
   */
  async address(): Promise<string> {
    for (;;) {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(this.#output)?.[0];
      if (address !== undefined) {
        return address;
      }
      if (this.#child.exitCode !== null) {
        throw new Error(`exit code ${this.#child.exitCode}:\n${this.#output}`);
      }
      await Promise.race([
        ...[this.#child.stdout, this.#child.stderr].flatMap((stream) =>
          stream === null ? [] : [once(stream, "data")],
        ),
        once(this.#child, "close"),
      ]);
    }
  }

  /**
   * Send SIGTERM, and wait for the end.
   *
   * @returns The exit code; null where another signal ended it.
   */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const closed = once(this.#child, "close");
      this.#child.kill("SIGTERM");
      await closed;
    }
    return this.#child.exitCode;
  }
}
