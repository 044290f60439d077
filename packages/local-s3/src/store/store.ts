import { existsSync } from "node:fs";
import path from "node:path";
import { errorMessage } from "../error-message.js";
import { S3Error } from "../s3-error.js";
import { Blobs } from "./blobs.js";
import type { Bucket } from "./bucket.js";
import { FolderLock } from "./folder-lock.js";
import { Journal } from "./journal.js";
import { makeFolder } from "./make-folder.js";
import type { JournalRecord } from "./record.js";
import { refuseForeignFolder } from "./refuse-foreign-folder.js";
import { stateRecords } from "./state-records.js";
import { State } from "./state.js";
import { usedBlobs } from "./used-blobs.js";

/** A journal is written anew at start once it has this many records more than twice what its state needs. */
const staleRecords = 10_000;

/**
 * Buckets, objects and uploads in a folder: a journal of changes, its sum in memory, and the blobs it names.
 *
 * ```
 * DIRECTORY/journal.jsonl   what happened
 * DIRECTORY/blobs/ab/ab…    contents
 * DIRECTORY/lock            the server that has the folder
 * ```
 *
 * Node runs one piece of code at a time, so whatever is checked and committed without an `await` between is atomic.
 */
export class Store {
  readonly blobs: Blobs;
  readonly #state: State;
  readonly #journal: Journal;
  readonly #lock: FolderLock;

  private constructor(state: State, journal: Journal, blobs: Blobs, lock: FolderLock) {
    this.#state = state;
    this.#journal = journal;
    this.blobs = blobs;
    this.#lock = lock;
  }

  /** @throws {Error} The folder cannot be used, belongs to a running server, or is damaged. */
  static async open(directory: string): Promise<Store> {
    await refuseForeignFolder(directory);
    const lock = await lockFolder(directory);
    try {
      const state = new State();
      const journalFile = path.join(directory, "journal.jsonl");
      const blobFolder = path.join(directory, "blobs");
      if (!existsSync(journalFile) && existsSync(blobFolder)) {
        // To start anew here would remove every blob as unused.
        throw new Error(`${blobFolder} is there, but ${journalFile} is missing: nothing was changed`);
      }
      const journal = await openJournal(journalFile, state);
      const blobs = new Blobs(blobFolder);
      await blobs.prepare(usedBlobs(state));
      return new Store(state, journal, blobs, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  get buckets(): ReadonlyMap<string, Bucket> {
    return this.#state.buckets;
  }

  /** @throws {S3Error} NoSuchBucket. */
  bucket(name: string): Bucket {
    const bucket = this.#state.buckets.get(name);
    if (bucket === undefined) {
      throw new S3Error("NoSuchBucket", "The specified bucket does not exist", {
        details: { BucketName: name },
      });
    }
    return bucket;
  }

  nextSequence(): number {
    return this.#state.nextSequence();
  }

  /** Make a change: in the journal first, then in memory; blobs that it leaves unused are removed. */
  commit(record: JournalRecord): void {
    this.#journal.append(record);
    this.blobs.remove(this.#state.apply(record));
  }

  async close(): Promise<void> {
    this.#journal.close();
    await this.#lock.release();
  }
}

async function lockFolder(directory: string): Promise<FolderLock> {
  try {
    await makeFolder(directory);
    return await FolderLock.acquire(path.join(directory, "lock"));
  } catch (error) {
    throw new Error(`cannot use the folder ${directory}: ${errorMessage(error)}`, { cause: error });
  }
}

async function openJournal(file: string, state: State): Promise<Journal> {
  let read = 0;
  const journal = await Journal.open(file, (record) => {
    state.apply(record);
    read++;
  });
  let needed = 0;
  for (const record of stateRecords(state)) {
    needed += record.op === "create-bucket" ? 0 : 1;
  }
  if (read < 2 * needed + staleRecords) {
    return journal;
  }
  journal.close();
  Journal.rewrite(file, stateRecords(state));
  return Journal.open(file, () => undefined);
}
