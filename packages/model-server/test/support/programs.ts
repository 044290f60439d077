import { Program } from "./program.js";
import type { ProgramOptions } from "./program.js";
import { BUCKET } from "./storage.js";
import type { Storage } from "./storage.js";

/** The programs that a test has started on one storage, so that all of them can be ended after it. */
export class Programs {
  readonly #storage: Storage;
  readonly #running: Program[] = [];

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  run(
    argv: readonly string[],
    environment: Record<string, string> = {},
    options: ProgramOptions = {},
  ): Program {
    const program = new Program(argv, { ...this.#storage.environment, ...environment }, options);
    this.#running.push(program);
    return program;
  }

  /** On any free port of loopback. */
  serve(
    argv: readonly string[] = [],
    environment?: Record<string, string>,
    options?: ProgramOptions,
  ): Program {
    return this.run([BUCKET, "--host", "127.0.0.1", "--port", "0", ...argv], environment, options);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((program) => program.stop()));
  }
}
