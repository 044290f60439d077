import { existsSync } from "node:fs";
import path from "node:path";
import { S3Error } from "../errors.js";
import { Blobs } from "./blobs.js";
import type { Bucket } from "./bucket.js";
import { claimFolder } from "./folder.js";
import { Journal } from "./journal.js";
import type { JournalRecord } from "./records.js";
import { State, stateRecords, usedBlobs } from "./state.js";

/** At start, the journal is rewritten if it has this many records more than twice those that its state needs. */
const MAX_STALE_RECORDS = 10_000;

/**
 * Buckets, objects and uploads in a folder: a journal of changes, their sum in memory, and the blobs with the contents.
 *
 * ```
 * DIRECTORY/journal.jsonl   changes
 * DIRECTORY/blobs/ab/ab…    contents
 * DIRECTORY/lock.PID…       the server that has the folder
 * ```
 *
 * Node runs one piece of code at a time, so a check and a commit without an `await` between them are atomic.
 */
export class Store {
  readonly blobs: Blobs;
  readonly #state: State;
  readonly #journal: Journal;
  readonly #release: () => void;

  private constructor(state: State, journal: Journal, blobs: Blobs, release: () => void) {
    this.#state = state;
    this.#journal = journal;
    this.blobs = blobs;
    this.#release = release;
  }

  /** @throws {Error} The folder cannot be used, belongs to a running server, or is damaged. */
  static async open(directory: string): Promise<Store> {
    const release = await claimFolder(directory);
    try {
      const state = new State();
      const journalFile = path.join(directory, "journal.jsonl");
      const blobFolder = path.join(directory, "blobs");
      if (!existsSync(journalFile) && existsSync(blobFolder)) {
        // With an empty journal, every blob would be removed as unused.
        throw new Error(`${blobFolder} is there, but ${journalFile} is missing: nothing was changed`);
      }
      const journal = await openJournal(journalFile, state);
      const blobs = new Blobs(blobFolder);
      await blobs.prepare(usedBlobs(state));
      return new Store(state, journal, blobs, release);
    } catch (error) {
      release();
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

  /** Make a change, first in the journal, then in memory. Blobs that become unused are removed. */
  commit(record: JournalRecord): void {
    this.#journal.append(record);
    this.blobs.remove(this.#state.apply(record));
  }

  async close(): Promise<void> {
    this.#journal.close();
    this.#release();
  }
}

/** Read the journal into the state, and rewrite a journal that is mostly stale. */
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
  if (read < 2 * needed + MAX_STALE_RECORDS) {
    return journal;
  }
  journal.close();
  Journal.rewrite(file, stateRecords(state));
  return Journal.open(file, () => undefined);
}
