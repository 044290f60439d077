import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, constants, link, open, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { BlobWriter } from "./blob-writer.js";
import { makeFolder } from "./make-folder.js";
import type { Blob } from "./model.js";

/** Read ahead this many bytes: fewer system calls than Node's 64 KiB, still little memory a request. */
const readSize = 256 * 1024;

/**
 * The contents of objects and parts: files under `blobs`, named by chance, never by a key.
 *
 * A blob is complete before the journal names it, and never changes. One that is being read is removed only when the reader is done.
 */
export class Blobs {
  readonly #directory: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Make the folders, and remove every file that is not among the blobs in use: what a killed process left. */
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
   * Write a new blob with what `fill` writes; nothing is left of it if that fails.
   *
   * @returns No blob if nothing was written: an empty object needs no file.
   */
  async write<T>(
    fill: (write: (chunk: Uint8Array) => Promise<void>) => Promise<T>,
  ): Promise<{ blobs: readonly Blob[]; result: T }> {
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

  /** A blob with the same content, by a hard link where the file system has them. */
  async duplicate(blob: Blob): Promise<Blob> {
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
   * The bytes `start` to `end` (exclusive) of the blobs laid end to end.
   *
   * The blobs are held from this call, not from the first read, until the stream ends, fails or is closed.
   */
  read(blobs: readonly Blob[], start: number, end: number): BlobStream {
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

  /** Remove files, those being read as soon as they no longer are. A file that cannot be removed is swept at the next start. */
  remove(blobs: readonly Blob[]): void {
    for (const { id } of blobs) {
      if (this.#readers.has(id)) {
        this.#doomed.add(id);
      } else {
        rm(this.#path(id), { force: true }).catch(() => undefined);
      }
    }
  }

  async *#bytes(
    blobs: readonly Blob[],
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
          // An end that createReadStream takes is inclusive.
          const options = { start: from, end: to - 1, highWaterMark: readSize };
          yield* checkedLength(createReadStream(this.#path(id), options), to - from, id);
        }
      }
    } finally {
      release();
    }
  }

  #hold(blobs: readonly Blob[]): void {
    for (const { id } of blobs) {
      this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    }
  }

  #release(blobs: readonly Blob[]): void {
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
  /** For a stream that is never read: reading to the end, or breaking off, releases by itself. */
  release(): void;
}

function newId(): string {
  return randomBytes(12).toString("hex");
}

/** What is no blob's name was not put there by this program, and is left alone. */
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
    throw new Error(`blob ${id} was cut: it gave ${size} of ${expected} bytes`);
  }
}
