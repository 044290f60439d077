import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { BodyHasher } from "../../etag.js";
import type { WantedHashes } from "../../etag.js";
import { HashThread, hashWorkerFile } from "./hash-thread.js";
import type { Hashes } from "./hash-thread.js";

/** Below this a thread costs more than it saves. */
const WORTH_A_THREAD_BYTES = 64 * 1024 * 1024;
/** Each costs a message to and from each thread, some 0.1 ms in all. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Blocks of memory that are filled in turn: so far the threads may lag behind. */
const BLOCKS = 4;

/** What hashes a body while it streams past. */
export interface StreamHasher {
  update(bytes: Uint8Array): void | Promise<void>;
  digest(): Promise<Hashes>;
  /** Call it whatever happens. */
  close(): void;
}

/**
 * A hasher for a body of so many bytes: for a large one in threads of their own, one a hash, so that hashing does not slow the
 * transfer and MD5, the slowest, alone sets the pace.
 */
export function hasherFor(wanted: WantedHashes, size: number): StreamHasher {
  const isInVain = wanted.md5 === "none" && !wanted.sha256;
  // A bundler may have left the thread's file out.
  const isWorthIt = size >= WORTH_A_THREAD_BYTES && !isInVain && existsSync(fileURLToPath(hashWorkerFile));
  if (isWorthIt) {
    return new ThreadedHasher(wanted);
  }
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
  readonly #memory = new SharedArrayBuffer(BLOCKS * BLOCK_BYTES);
  readonly #bytes = new Uint8Array(this.#memory);
  readonly #threads: readonly HashThread[];
  #filled = 0;
  #sent = 0;

  constructor({ sha256, md5 }: WantedHashes) {
    const jobs: WantedHashes[] = [];
    if (sha256) {
      jobs.push({ sha256, md5: "none" });
    }
    if (md5 !== "none") {
      jobs.push({ sha256: false, md5 });
    }
    this.#threads = jobs.map((wanted) => new HashThread(wanted, this.#memory));
  }

  async update(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      const head = rest.subarray(0, BLOCK_BYTES - this.#filled);
      // Copied, since the reader has the same bytes.
      this.#bytes.set(head, this.#blockStart + this.#filled);
      this.#filled += head.length;
      rest = rest.subarray(head.length);
      if (this.#filled === BLOCK_BYTES) {
        await this.#send();
      }
    }
  }

  async digest(): Promise<Hashes> {
    await this.#send();
    const found = await Promise.all(this.#threads.map((thread) => thread.digest()));
    return {
      sha256: found.find(({ sha256 }) => sha256 !== undefined)?.sha256,
      etag: found.find(({ etag }) => etag !== undefined)?.etag,
    };
  }

  close(): void {
    for (const thread of this.#threads) {
      thread.close();
    }
  }

  get #blockStart(): number {
    return (this.#sent % BLOCKS) * BLOCK_BYTES;
  }

  /** Have the block hashed, and wait until the next one is free. */
  async #send(): Promise<void> {
    for (const thread of this.#threads) {
      thread.hash(this.#blockStart, this.#filled);
    }
    this.#sent += 1;
    this.#filled = 0;
    await Promise.all(this.#threads.map((thread) => thread.done(this.#sent - BLOCKS + 1)));
  }
}
