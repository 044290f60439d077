import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import { BodyHasher } from "../../etag.js";
import type { WantedHashes } from "../../etag.js";

/** Below this a thread costs more than it saves. */
const WORTH_A_THREAD_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 1024 * 1024;
/** Blocks that the thread may lag behind: so much memory at most. */
const BLOCKS_AHEAD = 8;

const workerFile = new URL("./hash-worker.js", import.meta.url);

type Hashes = ReturnType<BodyHasher["digest"]>;

/** What hashes a body while it streams past. */
export interface StreamHasher {
  update(bytes: Uint8Array): void | Promise<void>;
  digest(): Promise<Hashes>;
  /** Call it whatever happens. */
  close(): void;
}

/** A hasher for a body of so many bytes: in a thread of its own for a large one, so that hashing does not slow the transfer. */
export function hasherFor(wanted: WantedHashes, size: number): StreamHasher {
  const isInVain = wanted.md5 === "none" && !wanted.sha256;
  // A bundler may have left the thread's file out.
  const isWorthIt = size >= WORTH_A_THREAD_BYTES && !isInVain && existsSync(fileURLToPath(workerFile));
  if (isWorthIt) return new ThreadedHasher(wanted);
  const hasher = new BodyHasher(wanted);
  return {
    update: (bytes) => {
      hasher.update(bytes);
    },
    digest: async () => hasher.digest(),
    close: () => undefined,
  };
}

class ThreadedHasher implements StreamHasher {
  // Without the options that Node itself was started with, some of which are only for its main program.
  readonly #worker = new Worker(workerFile, { execArgv: [] });
  #block = new Uint8Array(BLOCK_BYTES);
  #filled = 0;
  /** Blocks sent and not answered. */
  #ahead = 0;
  #hashes: Hashes | undefined;
  #failure: Error | undefined;
  #wake = (): void => undefined;

  constructor(wanted: WantedHashes) {
    this.#worker.on("message", (answer: Hashes | null) => {
      if (answer === null) this.#ahead -= 1;
      else this.#hashes = answer;
      this.#wake();
    });
    this.#worker.on("error", (error: Error) => {
      this.#failure = error;
      this.#wake();
    });
    this.#worker.postMessage(wanted);
  }

  async update(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      const head = rest.subarray(0, BLOCK_BYTES - this.#filled);
      // Copied, since the reader has the same bytes.
      this.#block.set(head, this.#filled);
      this.#filled += head.length;
      rest = rest.subarray(head.length);
      if (this.#filled === BLOCK_BYTES) await this.#send();
    }
  }

  async digest(): Promise<Hashes> {
    await this.#send();
    this.#worker.postMessage(null);
    for (;;) {
      if (this.#hashes !== undefined) return this.#hashes;
      await this.#answer();
    }
  }

  close(): void {
    void this.#worker.terminate();
  }

  async #send(): Promise<void> {
    const block = this.#block.subarray(0, this.#filled);
    this.#worker.postMessage(block, [block.buffer]);
    this.#block = new Uint8Array(BLOCK_BYTES);
    this.#filled = 0;
    this.#ahead += 1;
    while (this.#ahead > BLOCKS_AHEAD) await this.#answer();
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
    if (this.#failure !== undefined) throw this.#failure;
  }
}
