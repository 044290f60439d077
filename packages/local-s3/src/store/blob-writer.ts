import type { FileHandle } from "node:fs/promises";

/** Chunks are gathered to this many bytes: a request's come in 64 KiB, and each write is a trip to another thread. */
const batchSize = 1 << 20;

/** Writes a file from front to back, one batch to the disk while the next is gathered. */
export class BlobWriter {
  readonly #file: FileHandle;
  #batch: Uint8Array[] = [];
  #batchSize = 0;
  #size = 0;
  /** Of the batch before; one that failed fails the next call too. */
  #written: Promise<void> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Take a chunk, which must not change any more. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#batch.push(chunk);
    this.#batchSize += chunk.length;
    if (this.#batchSize >= batchSize) {
      await this.#flush();
    }
  }

  /** @returns How many bytes were written in all. */
  async close(): Promise<number> {
    await this.#flush();
    await this.#written;
    await this.#file.close();
    return this.#size;
  }

  /** Close the file after a failure, of which the caller knows already. */
  async abandon(): Promise<void> {
    await this.#written.catch(() => undefined);
    await this.#file.close().catch(() => undefined);
  }

  async #flush(): Promise<void> {
    await this.#written;
    const [first = new Uint8Array(), ...more] = this.#batch;
    const bytes = more.length === 0 ? first : Buffer.concat(this.#batch);
    this.#batch = [];
    this.#batchSize = 0;
    this.#size += bytes.length;
    this.#written = writeWhole(this.#file, bytes);
    // Whoever awaits it next gets its failure; until then it must not count as unhandled.
    this.#written.catch(() => undefined);
  }
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}
