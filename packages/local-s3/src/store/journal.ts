import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  writeSync,
} from "node:fs";
import { errorMessage } from "../errors.js";
import { decodeRecord } from "./record-decoder.js";
import type { JournalRecord } from "./records.js";

const JOURNAL_HEADER = '{"format":"local-s3/journal","formatVersion":1}';

/** `rewrite` collects this much text before each write. */
const REWRITE_BATCH_CHARACTERS = 1 << 20;

/**
 * The file of all changes, one JSON line each. Changes are only appended.
 *
 * A record counts once its newline is written. When the file is opened, an incomplete last line is cut off, which a
 * killed process left.
 */
export class Journal {
  readonly #path: string;
  readonly #file: number;
  #length: number;
  /** False once the file is closed, or if a partly written record could not be cut off. */
  #writable = true;

  private constructor(path: string, file: number, length: number) {
    this.#path = path;
    this.#file = file;
    this.#length = length;
  }

  /**
   * @param apply - Called with every record of the file, in order.
   * @throws {Error} A complete line is not a record. The message names the file and the line.
   */
  static async open(path: string, apply: (record: JournalRecord) => void): Promise<Journal> {
    const length = existsSync(path) ? await replay(path, apply) : 0;
    const file = openSync(path, "a+");
    ftruncateSync(file, length);
    const journal = new Journal(path, file, length);
    if (length === 0) {
      journal.#write(`${JOURNAL_HEADER}\n`);
    }
    return journal;
  }

  /** Write a new journal, and replace the old one in one step. */
  static rewrite(path: string, records: Iterable<JournalRecord>): void {
    const temporary = `${path}.new`;
    const file = openSync(temporary, "w");
    let batch = `${JOURNAL_HEADER}\n`;
    for (const record of records) {
      batch += `${JSON.stringify(record)}\n`;
      if (batch.length >= REWRITE_BATCH_CHARACTERS) {
        writeAll(file, batch);
        batch = "";
      }
    }
    writeAll(file, batch);
    fsyncSync(file);
    closeSync(file);
    renameSync(temporary, path);
  }

  append(record: JournalRecord): void {
    this.#write(`${JSON.stringify(record)}\n`);
  }

  close(): void {
    this.#writable = false;
    fsyncSync(this.#file);
    closeSync(this.#file);
  }

  #write(text: string): void {
    if (!this.#writable) {
      throw new Error(`cannot write ${this.#path}: it is closed`);
    }
    try {
      this.#length += writeAll(this.#file, text);
    } catch (error) {
      // A full disk may have taken half a line. Cut it off, so that the next record starts a new line.
      this.#writable = false;
      ftruncateSync(this.#file, this.#length);
      this.#writable = true;
      throw new Error(`cannot write ${this.#path}: ${errorMessage(error)}`, { cause: error });
    }
  }
}

function writeAll(file: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) {
    written += writeSync(file, bytes, written);
  }
  return bytes.length;
}

/** @returns The size of the complete lines, in bytes. */
async function replay(path: string, apply: (record: JournalRecord) => void): Promise<number> {
  let length = 0;
  let lineNumber = 0;
  for await (const line of wholeLines(path)) {
    lineNumber++;
    try {
      if (lineNumber > 1) {
        apply(decodeRecord(line.toString("utf8")));
      } else if (line.toString("utf8") !== JOURNAL_HEADER) {
        throw new Error(`the first line is not ${JOURNAL_HEADER}`);
      }
    } catch (error) {
      throw new Error(`${path} line ${lineNumber}: ${errorMessage(error)}`, { cause: error });
    }
    length += line.length + 1;
  }
  return length;
}

/** The lines of a file without their newlines. Text after the last newline is left out. */
async function* wholeLines(path: string): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer[] = [];
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const chunk: unknown = piece;
    if (!Buffer.isBuffer(chunk)) {
      throw new TypeError(`${path} was not read as bytes`);
    }
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; start = end + 1, end = chunk.indexOf(10, start)) {
      const tail = chunk.subarray(start, end);
      yield rest.length === 0 ? tail : Buffer.concat([...rest, tail]);
      rest = [];
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
    }
  }
}
