import { isUtf8 } from "node:buffer";
import type { Table } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { tableOfBatches } from "../arrow-data.js";
import { Violations } from "../expected-schema.js";
import { ASCII } from "./ascii.js";
import { BLOCK_BYTES, BlockFeeder, KeptBytes, MAX_RECORD_BYTES } from "./blocks.js";
import type { Block } from "./blocks.js";
import type { FieldDialect, Requests } from "./columns.js";
import { Columns, requestsOf } from "./columns.js";
import { delimiterAdvice, semicolonHint } from "./decimal-comma.js";
import { countLines, excerpt, invalidUtf8 } from "./decode-text.js";
import { namesOfHeader } from "./header.js";
import type { HeaderNames } from "./header.js";
import { isInPlainNumbers } from "./number-parser.js";
import type { ByteDialect, Fields } from "./record-scanner.js";
import { MAX_COLUMNS, RecordScanner } from "./record-scanner.js";

const { LINE_FEED, SEMICOLON } = ASCII;

/** The settings of a `CsvReader`. */
export interface CsvReaderSettings extends Requests, ByteDialect, FieldDialect {
  /** Begins every error's message. */
  readonly address: string;
  /** The line of the source, from 1, that begins with the first byte. Default: 1. */
  readonly firstLine?: number;
  /** Whether the delimiter is only the default, so that a header with semicolons is an error. Default: false. */
  readonly hintsAtSemicolons?: boolean;
  /** The columns, if the file has no header line. */
  readonly columnNames?: readonly string[] | undefined;
  /** How to name columns without a name, or with one that an earlier column has. Default: "strict". */
  readonly headerNames?: HeaderNames | undefined;
  /** Texts that are null, in addition to the empty field. A field in quotes never is. */
  readonly nullValues: readonly string[];
  /** Bytes that are parsed at a time. They do not affect the values. Default: 1 MiB. */
  readonly blockBytes?: number;
}

/**
 * Bytes of the sample from which the types of columns are guessed. More would let V8 compile code for unknown types.
 */
const SAMPLE_BYTES = 1 << 12;
/**
 * Minimum bytes of a block for each column. In a wide file, Arrow's time for a batch grows with the square of the
 * columns.
 */
const BLOCK_BYTES_PER_COLUMN = 1 << 12;
/** Limit of the fields of a file that short rows lack. Each takes up to eight bytes in the table. */
const MAX_FILLED_FIELDS = 1 << 27;
/** Column index of errors that concern a whole record. */
const NO_COLUMN = -1;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** Every gzip file begins with these bytes, and no text does. */
const GZIP_MARK = [0x1f, 0x8b];

/** Makes a table of the bytes of a CSV file, as they arrive. */
export class CsvReader {
  readonly #settings: CsvReaderSettings;
  readonly #scanner: RecordScanner;
  readonly #feeder: BlockFeeder;
  readonly #nullValues: NullValues;
  /** Whether the scanner may parse numbers: no delimiter, quote or null value may look like a part of one. */
  readonly #scansNumbers: boolean;
  readonly #violations = new Violations();
  readonly #kept: KeptBytes;
  #names: readonly string[] = [];
  #columns: Columns | undefined;
  /** The current block. */
  #bytes: Uint8Array = new Uint8Array(0);
  /** Its offset in the file. */
  #start = 0;
  #filledFields = 0;

  constructor(settings: CsvReaderSettings) {
    this.#settings = settings;
    this.#kept = new KeptBytes(settings.firstLine);
    this.#nullValues = new NullValues(settings.nullValues);
    this.#scansNumbers =
      settings.nullValues.length === 0 &&
      settings.decimal !== "," &&
      !isInPlainNumbers(settings.delimiter) &&
      !isInPlainNumbers(settings.quote);
    this.#scanner = new RecordScanner(settings, (offset, column, message) =>
      this.#failScan(offset, column, message),
    );
    this.#feeder = new BlockFeeder(
      (bytes, end, last) => this.#takeBlock(bytes, end, last),
      settings.blockBytes,
    );
  }

  push(chunk: Uint8Array): void {
    this.#kept.keep(chunk);
    this.#feeder.push(chunk);
  }

  /** Finish the table after all bytes were pushed. */
  finish(): Table {
    this.#feeder.finish();
    const { address, firstLine = 1 } = this.#settings;
    const columns = this.#columns;
    if (columns === undefined) {
      const found =
        firstLine === 1 ? "the file is empty" : `no record follows the ${firstLine - 1} skipped lines`;
      throw new FormatError(`${address}: ${found}, expected a header line`);
    }
    const { blocks } = this.#kept;
    if (blocks.length === 0) {
      columns.append(this.#fields(this.#bytes, 0), () => this.#fields(this.#bytes, 0));
    }
    // Kept bytes are needed only to locate violations. If there can be none, the columns get their memory.
    const needsLines = columns.areChecked || this.#violations.count > 0;
    if (!needsLines && !columns.needTexts) {
      this.#release();
    }
    const data = columns.finish((batch) => {
      const block = blocks[batch]!;
      if (!needsLines) {
        this.#kept.forget(block.start);
      }
      return this.#fieldsOf(block);
    });
    this.#violations.throwIfAny(address, (row, column) => `line ${this.#lineOfField(row, column)}`);
    return tableOfBatches(this.#names, data);
  }

  /** Free all memory except that of the columns. */
  #release(): void {
    this.#kept.clear();
    this.#feeder.release();
    this.#scanner.release();
    this.#bytes = new Uint8Array(0);
  }

  /** Read the whole records of a block; see `TakeBlock`. */
  #takeBlock(bytes: Uint8Array, end: number, last: boolean): number {
    this.#bytes = bytes;
    if (this.#columns === undefined && startsWith(bytes, GZIP_MARK, end)) {
      this.#fail(0, NO_COLUMN, "found a file compressed by gzip twice, expected text");
    }
    const whole = last ? end : bytes.lastIndexOf(LINE_FEED, end - 1) + 1;
    const from = this.#columns === undefined ? this.#begin(bytes, whole, last) : 0;
    if (this.#scansNumbers) {
      this.#scanner.numberBatches = this.#columns?.numberBatches ?? [];
    }
    const taken = this.#columns === undefined ? 0 : this.#scanner.scan(bytes, from, whole, last);
    if (taken === 0 && end >= MAX_RECORD_BYTES) {
      const found = `found a record of at least ${MAX_RECORD_BYTES} bytes; is a quote never closed?`;
      this.#fail(from, NO_COLUMN, found);
    }
    if (this.#columns === undefined || taken === 0) {
      if (!last) {
        this.#kept.keepBlocksInstead(this.#start);
      }
      return 0;
    }
    this.#appendRecords(this.#columns, bytes, from, taken);
    this.#start += taken;
    return taken;
  }

  /** Append the records that the scanner found in `bytes[from, end)`. */
  #appendRecords(columns: Columns, bytes: Uint8Array, from: number, end: number): void {
    const { records, extraLines, filledFields } = this.#scanner;
    const fields = this.#fields(bytes, records);
    const again = () => this.#scanAgain(bytes, from, end);
    if (!isUtf8(bytes.subarray(from, end))) {
      this.#failEncoding(again());
    }
    this.#filledFields += filledFields;
    if (this.#filledFields > MAX_FILLED_FIELDS) {
      this.#fail(from, NO_COLUMN, `short rows lack more than ${MAX_FILLED_FIELDS} fields in all, up to here`);
    }
    if (records > 0) {
      columns.append(fields, again);
    }
    const start = this.#start;
    const block = { start: start + from, end: start + end, records, lines: records + extraLines };
    const needsLines = columns.haveRequests && extraLines > 0;
    this.#kept.add(block, bytes.subarray(from, end), needsLines || !columns.keepTexts);
  }

  /**
   * Learn the columns, if the first record is complete.
   *
   * @returns The offset of the first record after the header. If the header is incomplete, its own offset.
   */
  #begin(bytes: Uint8Array, end: number, last: boolean): number {
    const { columnNames, blockBytes } = this.#settings;
    if (end === 0 && !last) {
      return 0;
    }
    let from = startsWith(bytes, BYTE_ORDER_MARK, end) ? BYTE_ORDER_MARK.length : 0;
    if (columnNames === undefined) {
      const start = from;
      from = this.#scanner.scan(bytes, start, end, last);
      if (this.#scanner.records === 0) {
        return from;
      }
      this.#names = this.#readNames(bytes, start, from);
      this.#checkDelimiter(bytes, from, end);
    } else {
      this.#names = columnNames;
    }
    this.#scanner.columns = this.#names.length;
    if (blockBytes === undefined) {
      this.#feeder.size = Math.max(BLOCK_BYTES, BLOCK_BYTES_PER_COLUMN * this.#names.length);
    }
    const requests = requestsOf(this.#names, this.#settings, this.#violations);
    this.#columns = new Columns(requests, this.#settings, this.#violations);
    const header = bytes.subarray(0, from);
    this.#kept.add({ start: 0, end: from, records: 0, lines: countLines(header) }, header, false);
    this.#columns.guess(this.#sample(bytes, from, end));
    return from;
  }

  /** The names in the header `bytes[start, end)`, which the scanner has found. */
  #readNames(bytes: Uint8Array, start: number, end: number): readonly string[] {
    const { width } = this.#scanner;
    if (width > MAX_COLUMNS) {
      this.#fail(0, NO_COLUMN, `found ${width} columns, expected at most ${MAX_COLUMNS}`);
    }
    const header = { ...this.#fields(bytes, 1), columns: width };
    if (!isUtf8(bytes.subarray(start, end))) {
      this.#failEncoding(header);
    }
    const { quote, headerNames } = this.#settings;
    return namesOfHeader(header, quote, headerNames, (column, message) =>
      this.#fail(header.starts[column]!, column, message),
    );
  }

  /** Check that the one column of a header does not look like several. */
  #checkDelimiter(bytes: Uint8Array, headerEnd: number, end: number): void {
    const [name = ""] = this.#names;
    const isQuoted = this.#scanner.ends[0]! < 0;
    if (this.#settings.hintsAtSemicolons !== true || this.#names.length > 1 || isQuoted) {
      return;
    }
    const sample = bytes.subarray(headerEnd, Math.min(end, headerEnd + SAMPLE_BYTES));
    const hint = semicolonHint(name, sample);
    if (hint !== undefined) {
      this.#fail(this.#scanner.starts[0]!, NO_COLUMN, hint);
    }
  }

  /** The whole records of the first bytes. */
  #sample(bytes: Uint8Array, from: number, end: number): Fields {
    const sampleEnd = bytes.subarray(from, Math.min(end, from + SAMPLE_BYTES)).lastIndexOf(LINE_FEED) + 1;
    this.#scanner.scan(bytes, from, from + sampleEnd, false);
    return this.#fields(bytes, this.#scanner.records);
  }

  /** The fields that the scanner found, with null values made empty. */
  #fields(bytes: Uint8Array, records: number): Fields {
    const { starts, ends, columns, numberBatches } = this.#scanner;
    const fields = { bytes, starts, ends, columns, records, numberBatches };
    this.#nullValues.blank(fields);
    return fields;
  }

  /** The fields of a block that was read earlier. */
  #fieldsOf({ start, end }: Block): Fields {
    // The memory of the last block is free now, and no block is larger than it.
    this.#kept.copy(start, end, this.#bytes);
    return this.#scanAgain(this.#bytes, 0, end - start);
  }

  /** The fields of whole records, numbers also as offsets. */
  #scanAgain(bytes: Uint8Array, from: number, end: number): Fields {
    this.#scanner.numberBatches = [];
    // Bytes after a line end belong to the next block.
    this.#scanner.scan(bytes, from, end, bytes[end - 1] !== LINE_FEED);
    return this.#fields(bytes, this.#scanner.records);
  }

  #lineOfField(row: number, column: number): number {
    const { block, record, line } = this.#kept.find(row);
    if (block.lines === block.records) {
      return line + record;
    }
    const { bytes, starts, columns } = this.#fieldsOf(block);
    return line + countLines(bytes.subarray(0, starts[record * columns + column]));
  }

  #failEncoding({ bytes, starts, ends, columns, records }: Fields): never {
    for (let field = 0; field < records * columns; field++) {
      const start = starts[field]!;
      const end = ends[field]! < 0 ? ~ends[field]! : ends[field]!;
      if (isUtf8(bytes.subarray(start, end))) {
        continue;
      }
      const at = invalidUtf8(bytes, start, end);
      this.#fail(at, field % columns, `found ${excerpt(bytes, at, end)}, which is not valid UTF-8`);
    }
    return this.#fail(0, NO_COLUMN, "found bytes that are not valid UTF-8");
  }

  /** Fail at a byte that the scanner does not accept. A semicolon after quotes in the header gets a hint. */
  #failScan(offset: number, column: number, message: string): never {
    const isSemicolon = this.#columns === undefined && this.#bytes[offset] === SEMICOLON;
    if (this.#settings.hintsAtSemicolons !== true || !isSemicolon) {
      return this.#fail(offset, column, message);
    }
    const sample = this.#bytes.subarray(offset, offset + SAMPLE_BYTES);
    return this.#fail(offset, column, `${message}; ${delimiterAdvice(sample)}`);
  }

  #fail(offset: number, column: number, message: string): never {
    const { line, end } = this.#kept;
    const before = this.#bytes.subarray(end - this.#start, offset);
    const name = this.#names[column];
    const place = name === undefined ? "" : ` column ${JSON.stringify(name)}:`;
    throw new FormatError(`${this.#settings.address} line ${line + countLines(before)}:${place} ${message}`);
  }
}

/** Makes fields with given texts empty, and thereby null. */
class NullValues {
  readonly #byLength = new Map<number, Uint8Array[]>();

  constructor(texts: readonly string[]) {
    for (const text of texts) {
      const bytes = new TextEncoder().encode(text);
      this.#byLength.set(bytes.length, [...(this.#byLength.get(bytes.length) ?? []), bytes]);
    }
  }

  blank({ bytes, starts, ends, columns, records }: Fields): void {
    if (this.#byLength.size === 0) {
      return;
    }
    for (let field = 0; field < records * columns; field++) {
      const start = starts[field]!;
      const candidates = this.#byLength.get(ends[field]! - start);
      if (candidates?.some((text) => text.every((byte, index) => byte === bytes[start + index])) === true) {
        ends[field] = start;
      }
    }
  }
}

function startsWith(bytes: Uint8Array, mark: readonly number[], end: number): boolean {
  return mark.every((byte, index) => index < end && bytes[index] === byte);
}
