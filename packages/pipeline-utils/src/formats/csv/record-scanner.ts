import { ASCII } from "./ascii.js";
import { countLines, excerpt } from "./decode-text.js";
import type { NumberBatch } from "./number-batch.js";

const { CARRIAGE_RETURN, LINE_FEED, SPACE, TAB } = ASCII;

/** Limit of the columns. No real table has more, and each takes memory before its first row. */
export const MAX_COLUMNS = 16_384;
const UNFINISHED = -1;
/** Bytes of the records that one call scans. */
const BYTES_PER_CALL = 1 << 11;
/**
 * Fields of a block in which short records are filled, after which the rest becomes another block. Without
 * that, a short file with many columns would take gigabytes.
 */
const MIN_FILLED_BLOCK_FIELDS = 1 << 20;
/** The same limit for each column, if it is more. */
const FILLED_BLOCK_RECORDS = 1 << 10;
/** Factor of the memory reserved for fields, over the expected number. Unused memory takes no pages. */
const SPARE_FACTOR = 1.25;

/** How records are made of bytes. */
export interface ByteDialect {
  /** The byte that separates fields. */
  readonly delimiter: number;
  /** The byte that encloses fields; -1 for none. */
  readonly quote: number;
  /** The byte that begins a line to skip; -1 for none. Default: -1. */
  readonly comment?: number;
  /** Whether records with too few fields get null fields at their end, instead of failing. Default: false. */
  readonly fillsShortRows?: boolean;
}

/**
 * The fields of some records, as offsets into the bytes they were read from.
 *
 * Column `c` of record `r` is at index `r * columns + c` of `starts` and `ends`. Start and end are equal for an empty
 * field, which is null. A negative end is the complement (`~end`) of the end of a field in quotes. The offsets then lie
 * inside the quotes, where a doubled quote stands for one.
 */
export interface Fields {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly columns: number;
  readonly records: number;
  /** By column: the batch into which its numbers were parsed already. Its fields have no starts and ends. */
  readonly numberBatches: readonly (NumberBatch | undefined)[];
}

/** Ends the reading with a message on the byte at `offset`, in the field of index `column` of its record. */
export type Fail = (offset: number, column: number, message: string) => never;

/**
 * Finds the records and fields of a block of bytes. A field becomes two offsets, laid out as in `Fields`. In a column
 * that is known to hold numbers, the number is parsed at once, which also finds the field's end.
 */
export class RecordScanner {
  /**
   * Fields of every record; 0 until the header is known. Until then `scan` takes one record, of any number of fields,
   * and stores the first `MAX_COLUMNS` of them.
   */
  columns = 0;
  records = 0;
  /** Fields of these records that the file lacks. They are null. */
  filledFields = 0;
  /** Line feeds in quotes, of blank lines and of comments, which end none of these records. */
  extraLines = 0;
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  /** Fields of the record that was scanned last. */
  width = 0;
  /** By column: the batch into which its numbers are parsed at once. Its fields then have no starts and ends. */
  numberBatches: readonly (NumberBatch | undefined)[] = [];

  readonly #dialect: ByteDialect;
  readonly #fail: Fail;
  /** 1 for the bytes of which blank lines consist. */
  readonly #blanks = new Uint8Array(256);
  /** 1 for the bytes that end a field. */
  readonly #stops = new Uint8Array(256);
  readonly #highestStop: number;

  constructor(dialect: ByteDialect, fail: Fail) {
    this.#dialect = dialect;
    this.#fail = fail;
    this.#highestStop = Math.max(dialect.delimiter, CARRIAGE_RETURN);
    for (const stop of [dialect.delimiter, LINE_FEED, CARRIAGE_RETURN]) {
      this.#stops[stop] = 1;
    }
    for (const blank of [SPACE, TAB]) {
      this.#blanks[blank] = blank === dialect.delimiter || blank === dialect.quote ? 0 : 1;
    }
  }

  /**
   * Index the whole records of `bytes[from, end)`.
   *
   * @param last - Whether the file ends at `end`, which then also ends the last record. In that case `bytes[end]`
   *   must exist: it is overwritten by a line feed, so that no loop has to check for the end. Otherwise a line feed
   *   must stand before `end`.
   * @returns The offset after the last whole record.
   */
  scan(bytes: Uint8Array, from: number, end: number, last: boolean): number {
    if (last) {
      bytes[end] = LINE_FEED;
    }
    const { columns } = this;
    for (const batch of this.numberBatches) {
      batch?.clear();
    }
    if (columns === 0) {
      this.#makeRoom(MAX_COLUMNS, 0);
    }
    this.records = 0;
    this.extraLines = 0;
    this.filledFields = 0;
    const { fillsShortRows = false } = this.#dialect;
    // A filled record may have fewer bytes than fields.
    const step = fillsShortRows
      ? Math.max(1, Math.floor(BYTES_PER_CALL / Math.max(1, columns)))
      : BYTES_PER_CALL;
    let at = from;
    while (at < end) {
      // Until the header is known, scan one record at a time.
      const until = columns === 0 ? at + 1 : Math.min(end, at + step);
      // A record has at least a byte for each field, or is filled.
      const fields = this.records * columns;
      this.#makeRoom(
        fields + BYTES_PER_CALL + 2 * columns,
        fields === 0 || fillsShortRows ? 0 : (fields / (at - from)) * (end - from),
      );
      const next = this.#scanRecords(bytes, at, until, end, last);
      if (next < until) {
        return next;
      }
      at = next;
      if (columns === 0 && this.records > 0) {
        break;
      }
      const most = Math.max(MIN_FILLED_BLOCK_FIELDS, FILLED_BLOCK_RECORDS * columns);
      if (fillsShortRows && this.records * columns >= most) {
        break;
      }
    }
    return Math.min(at, end);
  }

  /** Free the last fields. */
  release(): void {
    this.starts = new Int32Array(0);
    this.ends = new Int32Array(0);
  }

  /**
   * Index the records that begin in `bytes[from, until)`.
   *
   * This is a function of its own, called for every few records, because V8 compiles a long-running loop again and
   * again.
   *
   * @returns The offset after the last whole record. It is below `until` if the bytes end inside quotes and others
   *   follow.
   */
  #scanRecords(bytes: Uint8Array, from: number, until: number, end: number, last: boolean): number {
    const { starts, ends, numberBatches, columns } = this;
    const { delimiter, quote, comment = -1 } = this.#dialect;
    const stops = this.#stops;
    const highestStop = this.#highestStop;
    let record = this.records;
    let at = from;
    while (at < until) {
      const recordStart = at;
      let byte = bytes[at]!;
      if (byte <= SPACE || byte === comment) {
        const lineEnd = byte === comment ? bytes.indexOf(LINE_FEED, at) : this.#blankLineEnd(bytes, at, end);
        if (lineEnd >= 0 && (columns !== 1 || byte === comment)) {
          at = lineEnd + (bytes[lineEnd] === LINE_FEED ? 1 : 2);
          this.extraLines++;
          continue;
        }
        // In a file of one column, a blank line is null.
        at = Math.max(at, lineEnd);
      }
      const first = record * columns;
      let column = 0;
      for (;;) {
        const batch = numberBatches[column];
        const stop = batch === undefined ? -1 : batch.readPlain(bytes, at, end, record);
        if (stop >= 0 && stops[bytes[stop]!] === 1) {
          at = stop;
          byte = bytes[at]!;
        } else {
          let start = at;
          byte = bytes[at]!;
          const isQuoted = byte === quote;
          if (isQuoted) {
            at = this.#closingQuote(bytes, ++start, end, last, column);
            if (at === UNFINISHED) {
              return this.#stopBefore(bytes, recordStart, end, record);
            }
          } else {
            while (byte > highestStop || stops[byte] === 0) {
              byte = bytes[++at]!;
            }
          }
          const fieldEnd = isQuoted ? ~at : at;
          if (isQuoted) {
            byte = bytes[++at]!;
          }
          if (batch === undefined) {
            starts[first + column] = start;
            ends[first + column] = fieldEnd;
          } else {
            batch.read(bytes, start, fieldEnd, record);
          }
        }
        column++;
        if (byte !== delimiter) {
          break;
        }
        at++;
      }
      at += byte === CARRIAGE_RETURN ? this.#checkReturn(bytes, at, end, column - 1) : 1;
      if (column !== columns) {
        this.#checkWidth(bytes, column, recordStart, record);
      }
      record++;
    }
    this.records = record;
    return at;
  }

  /** Stop before a record that is not whole. Returns its offset. */
  #stopBefore(bytes: Uint8Array, recordStart: number, end: number, records: number): number {
    this.records = records;
    // All its line feeds were in quotes.
    this.extraLines -= countLines(bytes.subarray(recordStart, end));
    return recordStart;
  }

  /** Grow the arrays to hold that many fields, or the expected number if it is larger. */
  #makeRoom(fields: number, expected: number): void {
    const { starts, ends } = this;
    if (starts.length >= fields) {
      return;
    }
    const room = Math.max(fields, 2 * starts.length, Math.ceil(SPARE_FACTOR * expected));
    this.starts = new Int32Array(room);
    this.starts.set(starts);
    this.ends = new Int32Array(room);
    this.ends.set(ends);
  }

  /** The offset of the quote that closes the field whose first byte is at `from`; UNFINISHED if other bytes follow. */
  #closingQuote(bytes: Uint8Array, from: number, end: number, last: boolean, column: number): number {
    const { quote } = this.#dialect;
    let at = from;
    for (;;) {
      for (; at < end && bytes[at] !== quote; at++) {
        if (bytes[at] === LINE_FEED) {
          this.extraLines++;
        }
      }
      if (at >= end) {
        if (last) {
          this.#failUnclosed(bytes, from, end, column);
        }
        return UNFINISHED;
      }
      if (at + 1 < end && bytes[at + 1] === quote) {
        at += 2;
        continue;
      }
      if (this.#stops[bytes[at + 1]!] === 0) {
        this.#failAfterQuote(bytes, at + 1, column);
      }
      return at;
    }
  }

  /** Check that a line ends at a carriage return. Returns the number of bytes of the line end. */
  #checkReturn(bytes: Uint8Array, at: number, end: number, column: number): number {
    if (at + 1 === end || bytes[at + 1] !== LINE_FEED) {
      this.#failReturn(at, column);
    }
    return 2;
  }

  /** Where a line of nothing but spaces and tabs ends that begins at `bytes[start]`; -1 for another line. */
  #blankLineEnd(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (this.#blanks[bytes[at]!] === 1) {
      at++;
    }
    return isLineEnd(bytes, at, end) ? at : -1;
  }

  /** Handle a record that has not as many fields as there are columns. */
  #checkWidth(bytes: Uint8Array, found: number, recordStart: number, record: number): void {
    this.width = found;
    if (this.columns === 0) {
      return;
    }
    if (this.#dialect.fillsShortRows === true && found < this.columns) {
      this.#fill(bytes, found, recordStart, record);
    } else {
      this.#failRagged(recordStart);
    }
  }

  /** Make the last fields of a record null, from the column of index `found` on. */
  #fill(bytes: Uint8Array, found: number, recordStart: number, record: number): void {
    const first = record * this.columns;
    for (let column = found; column < this.columns; column++) {
      this.starts[first + column] = recordStart;
      this.ends[first + column] = recordStart;
      this.numberBatches[column]?.read(bytes, recordStart, recordStart, record);
    }
    this.filledFields += this.columns - found;
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

/** Whether a line ends at `bytes[at]`. If it also begins there, it is blank. */
function isLineEnd(bytes: Uint8Array, at: number, end: number): boolean {
  const byte = bytes[at]!;
  if (byte > CARRIAGE_RETURN) {
    return false;
  }
  return byte === LINE_FEED || (byte === CARRIAGE_RETURN && at + 1 < end && bytes[at + 1] === LINE_FEED);
}
