import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { constants, copyFile, link, open, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { makeFolder } from "./folder.js";
import type { StoredBlob } from "./records.js";

/** Fewer system calls than with Node's 64 KiB, and still little memory per request. */
const READ_AHEAD_BYTES = 256 * 1024;

/**
 * The contents of objects and parts: files below `blobs` with random names, never named by a key.
 *
 * A blob is complete before the journal names it, and never changes. A blob in use by a reader is removed after the
 * read.
 */
export class Blobs {
  readonly #directory: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Create the folders, and remove the blobs that are not in use, which a killed process left. */
  async prepare(used: ReadonlySet<string>): Promise<void> {
    for (let i = 0; i < 256; i++) {
      const name = i.toString(16).padStart(2, "0");
      const folder = path.join(this.#directory, name);
      await makeFolder(folder);
      for (const file of await readdir(folder)) {
        if (!used.has(file) && isId(file)) {
          await rm(path.join(folder, file), { force: true });
        }
      }
    }
  }

  /**
   * Write a new blob. It is removed if `fill` fails.
   *
   * @returns No blob if nothing was written, because an empty object needs no file.
   */
  async write<T>(
    fill: (write: (chunk: Uint8Array) => Promise<void>) => Promise<T>,
  ): Promise<{ blobs: readonly StoredBlob[]; result: T }> {
    const id = newId();
    const writer = new BlobWriter(await open(this.#path(id), "wx"));
    try {
      const result = await fill((chunk) => writer.write(chunk));
      const size = await writer.close();
      if (size === 0) {
        this.remove([{ id, size }]);
      }
      return { blobs: size === 0 ? [] : [{ id, size }], result };
    } catch (error) {
      await writer.abandon();
      this.remove([{ id, size: 0 }]);
      throw error;
    }
  }

  /** Copy a blob, by a hard link if the file system has them. */
  async duplicate(blob: StoredBlob): Promise<StoredBlob> {
    const id = newId();
    this.#hold([blob]);
    try {
      await link(this.#path(blob.id), this.#path(id)).catch(async () => {
        await copyFile(this.#path(blob.id), this.#path(id), constants.COPYFILE_FICLONE);
      });
      return { id, size: blob.size };
    } finally {
      this.#release([blob]);
    }
  }

  /**
   * The bytes `start` to `end` (exclusive) of the concatenated blobs.
   *
   * The blobs stay on the disk from this call, not from the first read, until the stream ends, fails or is closed.
   */
  read(blobs: readonly StoredBlob[], start: number, end: number): BlobStream {
    this.#hold(blobs);
    let held = true;
    const release = (): void => {
      if (held) {
        held = false;
        this.#release(blobs);
      }
    };
    return { bytes: this.#bytes(blobs, start, end, release), release };
  }

  /** Remove blobs, those in use by a reader after the read. The next start removes what cannot be removed now. */
  remove(blobs: readonly StoredBlob[]): void {
    for (const { id } of blobs) {
      if (this.#readers.has(id)) {
        this.#doomed.add(id);
      } else {
        rm(this.#path(id), { force: true }).catch(() => undefined);
      }
    }
  }

  async *#bytes(
    blobs: readonly StoredBlob[],
    start: number,
    end: number,
    release: () => void,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      let offset = 0;
      for (const { id, size } of blobs) {
        const from = Math.max(start - offset, 0);
        const to = Math.min(end - offset, size);
        offset += size;
        if (from < to) {
          // The end of createReadStream is inclusive.
          const options = { start: from, end: to - 1, highWaterMark: READ_AHEAD_BYTES };
          yield* checkedLength(createReadStream(this.#path(id), options), to - from, id);
        }
      }
    } finally {
      release();
    }
  }

  #hold(blobs: readonly StoredBlob[]): void {
    for (const { id } of blobs) {
      this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    }
  }

  #release(blobs: readonly StoredBlob[]): void {
    for (const blob of blobs) {
      const readers = (this.#readers.get(blob.id) ?? 1) - 1;
      if (readers > 0) {
        this.#readers.set(blob.id, readers);
        continue;
      }
      this.#readers.delete(blob.id);
      if (this.#doomed.delete(blob.id)) {
        this.remove([blob]);
      }
    }
  }

  #path(id: string): string {
    return path.join(this.#directory, id.slice(0, 2), id);
  }
}

export interface BlobStream {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Needed only if the stream is never read. Reading to the end, or leaving the loop, releases the blobs too. */
  release(): void;
}

function newId(): string {
  return randomBytes(12).toString("hex");
}

/** Files with other names are not from this program, and are left alone. */
function isId(name: string): boolean {
  return /^[0-9a-f]{24}$/.test(name);
}

async function* checkedLength(
  chunks: AsyncIterable<unknown>,
  expected: number,
  id: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of chunks) {
    if (chunk instanceof Uint8Array) {
      size += chunk.length;
      yield chunk;
    }
  }
  if (size !== expected) {
    throw new Error(`blob ${id} is truncated: it has ${size} bytes, expected ${expected}`);
  }
}

/** Chunks are collected into batches: a request's chunks have 64 KiB, and each write is a call to another thread. */
const BATCH_BYTES = 1 << 20;

/** Writes a file sequentially. One batch is written while the next is collected. */
class BlobWriter {
  readonly #file: FileHandle;
  #batch: Uint8Array[] = [];
  #batchSize = 0;
  #size = 0;
  /** The write of the previous batch. If it fails, the next call fails. */
  #written: Promise<void> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Append a chunk, which must not change afterwards. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#batch.push(chunk);
    this.#batchSize += chunk.length;
    if (this.#batchSize >= BATCH_BYTES) {
      await this.#flush();
    }
  }

  /** @returns The number of bytes written. */
  async close(): Promise<number> {
    await this.#flush();
    await this.#written;
    await this.#file.close();
    return this.#size;
  }

  /** Close the file after a failure that the caller reports. */
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
    // The next call reports a failure. Until then it must not count as an unhandled rejection.
    this.#written.catch(() => undefined);
  }
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}
