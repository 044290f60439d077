import { fileURLToPath } from "node:url";
import { ServerProgram } from "@ml-pipelines/test-support/server-program";
import type { ServerProgramOptions } from "@ml-pipelines/test-support/server-program";
import { BUCKET } from "@ml-pipelines/test-support/model-storage";
import type { ModelStorage } from "@ml-pipelines/test-support/model-storage";

/** The service of the article as a program, on the built package. */
export const SERVE = fileURLToPath(new URL("serve.mjs", import.meta.url));

/** The programs that a test has started on one storage, so that all of them can be ended after it. */
export class Programs {
  readonly #storage: ModelStorage;
  readonly #running: ServerProgram[] = [];

  constructor(storage: ModelStorage) {
    this.#storage = storage;
  }

  run(
    argv: readonly string[],
    environment: Record<string, string> = {},
    options: ServerProgramOptions = {},
  ): ServerProgram {
    const program = new ServerProgram(SERVE, argv, { ...this.#storage.environment, ...environment }, options);
    this.#running.push(program);
    return program;
  }

  /** On any free port of loopback. */
  serve(
    argv: readonly string[] = [],
    environment?: Record<string, string>,
    options?: ServerProgramOptions,
  ): ServerProgram {
    return this.run([BUCKET, "--host", "127.0.0.1", "--port", "0", ...argv], environment, options);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((program) => program.stop()));
  }
}
