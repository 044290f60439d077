import { Worker } from "node:worker_threads";

import type { BodyHasher, WantedHashes } from "../../etag.js";

export type Hashes = ReturnType<BodyHasher["digest"]>;

/** First what is wanted, of which memory; then where in it the next bytes stand; null after the last. */
export type HashThreadMessage =
  | { readonly wanted: WantedHashes; readonly memory: SharedArrayBuffer }
  | { readonly start: number; readonly length: number }
  | null;

/** The file of the thread, which a bundler may have left out. */
export const hashWorkerFile = new URL("./hash-worker.js", import.meta.url);

/** A thread that hashes blocks of memory which it shares with the main program. */
export class HashThread {
  // Without the options that Node itself was started with, some of which are only for its main program.
  readonly #worker = new Worker(hashWorkerFile, { execArgv: [] });
  #blocksDone = 0;
  #hashes: Hashes | undefined;
  #failure: Error | undefined;
  #wake = (): void => undefined;

  constructor(wanted: WantedHashes, memory: SharedArrayBuffer) {
    this.#worker.on("message", (answer: Hashes | null) => {
      if (answer === null) {
        this.#blocksDone += 1;
      } else {
        this.#hashes = answer;
      }
      this.#wake();
    });
    this.#worker.on("error", (error: Error) => {
      this.#failure = error;
      this.#wake();
    });
    this.#tell({ wanted, memory });
  }

  /** Hash a block next; its bytes stay as they are until it is done. */
  hash(start: number, length: number): void {
    this.#tell({ start, length });
  }

  /** Wait until so many blocks in all are done. */
  async done(blocks: number): Promise<void> {
    while (this.#blocksDone < blocks) {
      await this.#answer();
    }
  }

  async digest(): Promise<Hashes> {
    this.#tell(null);
    for (;;) {
      if (this.#hashes !== undefined) {
        return this.#hashes;
      }
      await this.#answer();
    }
  }

  close(): void {
    void this.#worker.terminate();
  }

  #tell(message: HashThreadMessage): void {
    this.#worker.postMessage(message);
  }

  /** Until the thread has answered, or failed, once more. */
  async #answer(): Promise<void> {
    this.#throwFailure();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }
}
