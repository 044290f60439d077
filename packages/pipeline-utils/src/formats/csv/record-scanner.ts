/** The bytes that CSV gives a meaning. */
export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;

/** What separates and what encloses fields, each as one byte; `quote` is -1 where nothing encloses. */
export interface ByteDialect {
  readonly delimiter: number;
  readonly quote: number;
}

/** Ends the reading with a message on the byte at `offset`, in the field of index `column` of its record. */
export type Fail = (offset: number, column: number, message: string) => never;

/**
 * Finds the records and fields of a block of bytes, and makes nothing of them: a field is two offsets.
 *
 * After `scan`, field `f` of record `r` lies at index `r * columns + f` of `starts` and `ends`. The end of a field that
 * was in quotes is stored as its complement (`~end`, always negative): the offsets then lie inside the quotes, where a
 * doubled quote stands for one.
 */
export class RecordScanner {
  /** Fields of every record; 0 until the header is known: then `scan` takes one record, of any number of fields. */
  columns = 0;
  records = 0;
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  /** Fields of the record that was scanned last. */
  width = 0;

  readonly #dialect: ByteDialect;
  readonly #fail: Fail;
  /** 1 for the bytes that end a field. */
  readonly #stops = new Uint8Array(256);

  constructor(dialect: ByteDialect, fail: Fail) {
    this.#dialect = dialect;
    this.#fail = fail;
    for (const stop of [dialect.delimiter, LINE_FEED, CARRIAGE_RETURN]) this.#stops[stop] = 1;
  }

  /**
   * Index the whole records of `bytes[from, end)`.
   *
   * @param bytes - `bytes[end]` must exist; it is overwritten by a line feed, so that no loop has to look for the end.
   * @param last - Whether the file ends at `end`, and so ends a record that has no line end of its own.
   * @returns The offset after the last whole record.
   */
  scan(bytes: Uint8Array, from: number, end: number, last: boolean): number {
    bytes[end] = LINE_FEED;
    this.#makeRoom(end - from + 1);
    const { columns, starts, ends } = this;
    const { delimiter, quote } = this.#dialect;
    const stops = this.#stops;
    const highestStop = Math.max(delimiter, CARRIAGE_RETURN);
    let recordStart = from;
    let field = 0;
    let records = 0;
    while (recordStart < end) {
      const first = field;
      let at = recordStart;
      let byte: number;
      for (;;) {
        byte = bytes[at]!;
        if (byte === quote) {
          starts[field] = at + 1;
          at = this.#closingQuote(bytes, at + 1, end);
          if (at + 1 >= end && !last) return this.#finish(records, recordStart);
          if (at === end) this.#failUnclosed(bytes, starts[field]!, end, field - first);
          ends[field] = ~at;
          byte = bytes[++at]!;
          if (stops[byte] === 0) this.#failAfterQuote(bytes, at, field - first);
        } else {
          starts[field] = at;
          while (byte > highestStop || stops[byte] === 0) byte = bytes[++at]!;
          ends[field] = at;
        }
        field++;
        if (byte !== delimiter) break;
        at++;
      }
      if (byte === CARRIAGE_RETURN) {
        if (at + 1 === end && !last) break;
        if (at + 1 === end || bytes[at + 1] !== LINE_FEED) this.#failReturn(at, field - 1 - first);
        at++;
      }
      if (at === end && !last) break;
      if (field - first !== columns) {
        if (field - first === 1 && starts[first] === ends[first]) {
          field = first; // a blank line among records of several fields
          recordStart = at + 1;
          continue;
        }
        this.width = field - first;
        if (columns === 0) return this.#finish(1, Math.min(at + 1, end));
        this.#failRagged(recordStart, field - first);
      }
      records++;
      recordStart = at + 1;
    }
    return this.#finish(records, Math.min(recordStart, end));
  }

  #finish(records: number, consumed: number): number {
    this.records = records;
    return consumed;
  }

  #makeRoom(fields: number): void {
    if (this.starts.length >= fields) return;
    this.starts = new Int32Array(fields);
    this.ends = new Int32Array(fields);
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

  #failRagged(recordStart: number, found: number): never {
    const { columns } = this;
    const fields = found === 1 ? "1 field" : `${found} fields`;
    return this.#fail(recordStart, Math.min(found, columns - 1), `found ${fields}, expected ${columns}`);
  }
}

/** The beginning of some bytes as a JSON string, for a message. */
export function excerpt(bytes: Uint8Array, start: number, end: number): string {
  const limit = 40;
  const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 4 * limit)));
  return JSON.stringify(text.length > limit ? `${text.slice(0, limit)}…` : text);
}
