import { spawn } from "node:child_process";
import path from "node:path";

/** Node programs that run beside each other and end together. */
export class Programs {
  /** @type {Program[]} */
  #started = [];
  #stopping = false;

  /**
   * @param {string} script
   * @param {string[]} args
   */
  start(script, ...args) {
    if (this.#stopping) {
      throw new Error("interrupted");
    }
    const program = new Program(script, args);
    this.#started.push(program);
    return program;
  }

  /** @throws {Error} A program that should be running has ended. */
  throwIfEnded() {
    if (this.#stopping) {
      throw new Error("interrupted");
    }
    for (const program of this.#started) {
      if (program.failure !== undefined) {
        throw program.failure;
      }
    }
  }

  /** Resolves when any of those still running has ended. */
  async waitForFirstEnd() {
    await Promise.race(
      this.#started.filter((program) => program.isRunning).map((program) => program.waitForEnd()),
    );
  }

  /** End those still running, in the reverse order of their start. */
  async stop() {
    this.#stopping = true;
    for (const program of [...this.#started].reverse()) {
      await program.stop();
    }
  }
}

class Program {
  /** @type {Error | undefined} Why it ended, unless it succeeded. */
  failure;
  isRunning = true;
  #output = "";
  #stopped = false;

  /**
   * @param {string} script
   * @param {string[]} args
   */
  constructor(script, args) {
    this.name = path.relative(".", script);
    // A process group of its own: Ctrl-C in a terminal reaches the demo alone, which then ends the program by one signal.
    this.child = spawn(process.execPath, [script, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    this.child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      this.#output += text;
      process.stdout.write(text);
    });
    /** @type {Promise<void>} */
    this.ended = new Promise((resolve) => {
      this.child.once("error", (error) => {
        this.#finish(error);
        resolve();
      });
      this.child.once("close", (code, signal) => {
        if (code !== 0 && !this.#stopped) {
          this.#finish(new Error(`${this.name} ended with ${signal ?? `exit code ${code}`}`));
        } else {
          this.#finish();
        }
        resolve();
      });
    });
  }

  /** @param {Error} [failure] */
  #finish(failure) {
    this.isRunning = false;
    this.failure ??= failure;
  }

  /** Wait until it ends. @throws {Error} It did not succeed. */
  async waitForEnd() {
    await this.ended;
    if (this.failure !== undefined) {
      throw this.failure;
    }
  }

  /**
   * Wait until it prints what is looked for.
   *
   * @param {RegExp} pattern
   * @returns {Promise<string>} The first group.
   */
  async waitForOutput(pattern) {
    for (;;) {
      const found = pattern.exec(this.#output)?.[1];
      if (found !== undefined) {
        return found;
      }
      await Promise.race([
        new Promise((resolve) => this.child.stdout.once("data", resolve)),
        this.waitForEnd().then(() => {
          throw new Error(`${this.name} ended without printing ${pattern}`);
        }),
      ]);
    }
  }

  /** Ask it to end; after ten seconds, end it. */
  async stop() {
    if (!this.isRunning) {
      return;
    }
    this.#stopped = true;
    this.child.kill("SIGTERM");
    const killer = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
    await this.ended;
    clearTimeout(killer);
  }
}
