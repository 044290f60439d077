import { MAX_COLUMNS } from "./header.js";
import { type NumberBatch } from "./number-batch.js";

/** The bytes that CSV gives a meaning. */
export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;

const UNFINISHED = -1;

/** What separates and what encloses fields, each as one byte; `quote` is -1 where nothing encloses. */
export interface ByteDialect {
  readonly delimiter: number;
  readonly quote: number;
}

/** Ends the reading with a message on the byte at `offset`, in the field of index `column` of its record. */
export type Fail = (offset: number, column: number, message: string) => never;

/**
 * Finds the records and fields of a block of bytes. A field is two offsets; but of columns that are known to be of numbers,
 * the number is parsed at once, which finds the field's end by the way.
 *
 * After `scan`, field `f` of record `r` lies at index `r * columns + f` of `starts` and `ends`. The end of a field that
 * was in quotes is stored as its complement (`~end`, always negative): the offsets then lie inside the quotes, where a
 * doubled quote stands for one.
 */
export class RecordScanner {
  /**
   * Fields of every record; 0 until the header is known: then `scan` takes one record, of any number of fields, and stores
   * the first `MAX_COLUMNS` of them.
   */
  columns = 0;
  records = 0;
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  /** Fields of the record that was scanned last. */
  width = 0;
  /** By column: where to parse its numbers at once. Its fields then have no starts and ends. */
  numbers: readonly (NumberBatch | undefined)[] = [];

  readonly #dialect: ByteDialect;
  readonly #fail: Fail;
  /** 1 for the bytes that end a field. */
  readonly #stops = new Uint8Array(256);
  readonly #highestStop: number;

  constructor(dialect: ByteDialect, fail: Fail) {
    this.#dialect = dialect;
    this.#fail = fail;
    this.#highestStop = Math.max(dialect.delimiter, CARRIAGE_RETURN);
    for (const stop of [dialect.delimiter, LINE_FEED, CARRIAGE_RETURN]) this.#stops[stop] = 1;
  }

  /**
   * Index the whole records of `bytes[from, end)`.
   *
   * @param last - Whether the file ends at `end`, and so ends a record that has no line end of its own: `bytes[end]` must
   *   then exist; it is overwritten by a line feed, so that no loop has to look for the end. Else a line feed must stand
   *   before `end`.
   * @returns The offset after the last whole record.
   */
  scan(bytes: Uint8Array, from: number, end: number, last: boolean): number {
    if (last) bytes[end] = LINE_FEED;
    const { columns, numbers } = this;
    for (const batch of numbers) batch?.clear();
    if (columns === 0) this.#makeRoom(MAX_COLUMNS);
    this.records = 0;
    let at = from;
    while (at < end) {
      if (columns !== 1 && isLineEnd(bytes, at, end)) {
        at += bytes[at] === LINE_FEED ? 1 : 2;
        continue;
      }
      if ((this.records + 1) * columns > this.starts.length) this.#makeRoom(2 * (this.records + 1) * columns);
      const next = this.#scanRecord(bytes, at, end, last);
      if (next === UNFINISHED) return at;
      if (this.width !== columns && columns !== 0) this.#failRagged(at);
      this.records++;
      at = next;
      if (columns === 0) break;
    }
    return Math.min(at, end);
  }

  /**
   * A function of its own, called for each record: the engine compiles a loop that runs on for long again and again.
   *
   * @returns The offset after the record; UNFINISHED where the bytes end inside quotes, and others follow.
   */
  #scanRecord(bytes: Uint8Array, from: number, end: number, last: boolean): number {
    const { starts, ends, numbers, records } = this;
    const { delimiter, quote } = this.#dialect;
    const stops = this.#stops;
    const highestStop = this.#highestStop;
    const first = records * this.columns;
    let at = from;
    let column = 0;
    let byte: number;
    for (;;) {
      const batch = numbers[column];
      const stop = batch === undefined ? -1 : batch.readPlain(bytes, at, end, records);
      if (stop >= 0 && stops[bytes[stop]!] === 1) {
        at = stop;
        byte = bytes[at]!;
      } else {
        let start = at;
        let fieldEnd: number;
        byte = bytes[at]!;
        if (byte === quote) {
          start++;
          at = this.#closingQuote(bytes, start, end);
          if (at === end) {
            if (!last) return UNFINISHED;
            this.#failUnclosed(bytes, start, end, column);
          }
          fieldEnd = ~at;
          byte = bytes[++at]!;
          if (stops[byte] === 0) this.#failAfterQuote(bytes, at, column);
        } else {
          while (byte > highestStop || stops[byte] === 0) byte = bytes[++at]!;
          fieldEnd = at;
        }
        if (batch === undefined) {
          starts[first + column] = start;
          ends[first + column] = fieldEnd;
        } else batch.read(bytes, start, fieldEnd, records);
      }
      column++;
      if (byte !== delimiter) break;
      at++;
    }
    this.width = column;
    if (byte === CARRIAGE_RETURN) {
      if (at + 1 === end || bytes[at + 1] !== LINE_FEED) this.#failReturn(at, column - 1);
      at++;
    }
    return at + 1;
  }

  /** Make the arrays longer, so that they hold that many fields. */
  #makeRoom(fields: number): void {
    const { starts, ends } = this;
    if (starts.length >= fields) return;
    this.starts = new Int32Array(fields);
    this.starts.set(starts);
    this.ends = new Int32Array(fields);
    this.ends.set(ends);
  }

  #closingQuote(bytes: Uint8Array, from: number, end: number): number {
    const { quote } = this.#dialect;
    let at = from;
    for (;;) {
      while (at < end && bytes[at] !== quote) at++;
      if (at >= end) return end;
      if (bytes[at + 1] !== quote || at + 1 === end) return at;
      at += 2;
    }
  }

  #failUnclosed(bytes: Uint8Array, start: number, end: number, column: number): never {
    const found = excerpt(bytes, start, end);
    return this.#fail(start - 1, column, `a quote is opened and never closed, before ${found}`);
  }

  #failAfterQuote(bytes: Uint8Array, at: number, column: number): never {
    const found = excerpt(bytes, at, at + 1);
    return this.#fail(at, column, `found ${found} after a closing quote, expected a delimiter or a line end`);
  }

  #failReturn(at: number, column: number): never {
    return this.#fail(
      at,
      column,
      "found a carriage return without a line feed, expected a line end (\\n or \\r\\n) or quotes around the field",
    );
  }

  #failRagged(recordStart: number): never {
    const { columns, width: found } = this;
    const fields = found === 1 ? "1 field" : `${found} fields`;
    return this.#fail(recordStart, Math.min(found, columns - 1), `found ${fields}, expected ${columns}`);
  }
}

/** Whether a line ends at `bytes[at]`: where it begins there too, it is blank. */
function isLineEnd(bytes: Uint8Array, at: number, end: number): boolean {
  const byte = bytes[at]!;
  if (byte > CARRIAGE_RETURN) return false;
  return byte === LINE_FEED || (byte === CARRIAGE_RETURN && at + 1 < end && bytes[at + 1] === LINE_FEED);
}

/** The beginning of some bytes as a JSON string, for a message. */
export function excerpt(bytes: Uint8Array, start: number, end: number): string {
  const limit = 40;
  const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 4 * limit)));
  return JSON.stringify(text.length > limit ? `${text.slice(0, limit)}…` : text);
}
