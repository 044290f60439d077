import { isUtf8 } from "node:buffer";
import { type Table } from "apache-arrow";
import { FormatError } from "../../errors.js";
import { Violations } from "../schema/violations.js";
import { tableOfBatches } from "../table-of-batches.js";
import { BLOCK, BlockFeeder, MAX_RECORD } from "./block-feeder.js";
import { type Block, Body } from "./body.js";
import { Columns } from "./columns.js";
import { excerpt } from "./excerpt.js";
import { type Fields } from "./fields.js";
import { checkNames, MAX_COLUMNS, namesOfHeader, textsOfRecord } from "./header.js";
import { NullValues } from "./null-values.js";
import { isInPlainNumbers } from "./parse-number.js";
import { invalidUtf8 } from "./invalid-utf8.js";
import { countLines, LINE_FEED, RecordScanner } from "./record-scanner.js";
import { requestsOf, type Requests } from "./requests.js";

/** How a `CsvReader` reads. */
export interface CsvReaderSettings extends Requests {
  /** Begins every error's message. */
  readonly address: string;
  /** What separates fields: a byte. */
  readonly delimiter: number;
  /** What encloses fields: a byte; -1 where nothing does. */
  readonly quote: number;
  /** The columns, where the file has no header line. */
  readonly columnNames?: readonly string[] | undefined;
  readonly nullValues: readonly string[];
  /** Bytes that are parsed at a time, which the table does not depend on. Default: 1 MiB. */
  readonly blockBytes?: number;
}

/** Bytes from which the types of columns are guessed: few enough that nothing is compiled for fields of unknown type. */
const SAMPLE = 1 << 12;
/** Blocks of a file of many columns: Arrow takes a time for each batch that grows with the square of their number. */
const BLOCK_BYTES_PER_COLUMN = 1 << 12;
/** Of faults of a whole record. */
const NO_COLUMN = -1;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** How gzip files begin, and no text. */
const GZIP_MARK = [0x1f, 0x8b];

/** Makes a table of the bytes of a CSV file, while they arrive. */
export class CsvReader {
  readonly #settings: CsvReaderSettings;
  readonly #scanner: RecordScanner;
  readonly #feeder: BlockFeeder;
  readonly #nullValues: NullValues;
  /** Whether numbers may be parsed before their fields are known: nothing but a number has a number's bytes. */
  readonly #readsNumbers: boolean;
  readonly #violations = new Violations();
  readonly #body = new Body();
  #names: readonly string[] = [];
  #columns: Columns | undefined;
  /** The block in work. */
  #bytes: Uint8Array = new Uint8Array(0);
  /** Its offset in the file. */
  #start = 0;

  constructor(settings: CsvReaderSettings) {
    this.#settings = settings;
    this.#nullValues = new NullValues(settings.nullValues);
    this.#readsNumbers =
      settings.nullValues.length === 0 &&
      !isInPlainNumbers(settings.delimiter) &&
      !isInPlainNumbers(settings.quote);
    this.#scanner = new RecordScanner(settings, (offset, column, message) =>
      this.#fail(offset, column, message),
    );
    this.#feeder = new BlockFeeder((bytes, end, last) => this.#take(bytes, end, last), settings.blockBytes);
  }

  push(chunk: Uint8Array): void {
    this.#body.keep(chunk);
    this.#feeder.push(chunk);
  }

  /** The table, when all bytes have been pushed. */
  finish(): Table {
    this.#feeder.finish();
    const { address } = this.#settings;
    const columns = this.#columns;
    if (columns === undefined) throw new FormatError(`${address}: the file is empty, expected a header line`);
    const { blocks } = this.#body;
    if (blocks.length === 0) columns.append(this.#fields(this.#bytes, 0), () => this.#fields(this.#bytes, 0));
    // The bytes are kept for the places of violations; where there is none, their memory is for the columns.
    const needsPlaces = columns.areChecked || this.#violations.count > 0;
    if (!needsPlaces && !columns.needTexts) this.#release();
    const data = columns.finish((batch) => {
      const block = blocks[batch]!;
      if (!needsPlaces) this.#body.forget(block.start);
      return this.#fieldsOf(block);
    });
    this.#violations.throwIfAny(address, (row, column) => `line ${this.#lineOfField(row, column)}`);
    return tableOfBatches(this.#names, data);
  }

  /** Let go of all memory but the columns'. */
  #release(): void {
    this.#body.clear();
    this.#feeder.release();
    this.#scanner.release();
    this.#bytes = new Uint8Array(0);
  }

  #take(bytes: Uint8Array, end: number, last: boolean): number {
    this.#bytes = bytes;
    if (this.#columns === undefined && GZIP_MARK.every((byte, index) => index < end && bytes[index] === byte))
      this.#fail(0, NO_COLUMN, "found a file compressed by gzip, expected text");
    const whole = last ? end : bytes.lastIndexOf(LINE_FEED, end - 1) + 1;
    const from = this.#columns === undefined ? this.#begin(bytes, whole, last) : 0;
    if (this.#readsNumbers) this.#scanner.numberBatches = this.#columns?.numberBatches ?? [];
    const taken = this.#columns === undefined ? 0 : this.#scanner.scan(bytes, from, whole, last);
    if (taken === 0 && end >= MAX_RECORD) {
      this.#fail(from, NO_COLUMN, `found a record of at least ${MAX_RECORD} bytes; is a quote never closed?`);
    }
    if (this.#columns === undefined || taken === 0) {
      if (!last) this.#body.keepBlocks(this.#start);
      return 0;
    }
    const { records, extraLines } = this.#scanner;
    const fields = this.#fields(bytes, records);
    const again = () => this.#scanAgain(bytes, from, taken);
    if (!isUtf8(bytes.subarray(from, taken))) this.#failEncoding(again());
    if (records > 0) this.#columns.append(fields, again);
    const block = {
      start: this.#start + from,
      end: this.#start + taken,
      records,
      lines: records + extraLines,
    };
    const placesRows = this.#columns.areRequested && extraLines > 0;
    this.#body.add(block, bytes.subarray(from, taken), placesRows || !this.#columns.keepTexts);
    this.#start += taken;
    return taken;
  }

  /** Learn the columns, where the first record is whole. Returns the offset of the first after the header, or of the header. */
  #begin(bytes: Uint8Array, end: number, last: boolean): number {
    const { columnNames, quote } = this.#settings;
    if (end === 0 && !last) return 0;
    let from = BYTE_ORDER_MARK.every((byte, index) => index < end && bytes[index] === byte) ? 3 : 0;
    if (columnNames === undefined) {
      const start = from;
      from = this.#scanner.scan(bytes, start, end, last);
      if (this.#scanner.records === 0) return from;
      const { width } = this.#scanner;
      if (width > MAX_COLUMNS)
        this.#fail(0, NO_COLUMN, `found ${width} columns, expected at most ${MAX_COLUMNS}`);
      const header = { ...this.#fields(bytes, 1), columns: width };
      if (!isUtf8(bytes.subarray(start, from))) this.#failEncoding(header);
      const names = namesOfHeader(textsOfRecord(header, quote));
      checkNames(names, (column, message) => this.#fail(header.starts[column]!, column, message));
      this.#names = names;
    } else this.#names = columnNames;
    this.#scanner.columns = this.#names.length;
    if (this.#settings.blockBytes === undefined)
      this.#feeder.size = Math.max(BLOCK, BLOCK_BYTES_PER_COLUMN * this.#names.length);
    this.#columns = new Columns(
      requestsOf(this.#names, this.#settings, this.#violations),
      quote,
      this.#violations,
    );
    const header = bytes.subarray(0, from);
    this.#body.add({ start: 0, end: from, records: 0, lines: countLines(header) }, header, false);
    this.#columns.guess(this.#sample(bytes, from, end));
    return from;
  }

  /** The records that are whole in the first bytes. */
  #sample(bytes: Uint8Array, from: number, end: number): Fields {
    const sampleEnd = bytes.subarray(from, Math.min(end, from + SAMPLE)).lastIndexOf(LINE_FEED) + 1;
    this.#scanner.scan(bytes, from, from + sampleEnd, false);
    return this.#fields(bytes, this.#scanner.records);
  }

  /** The fields that the scanner found, null values made empty. */
  #fields(bytes: Uint8Array, records: number): Fields {
    const { starts, ends, columns, numberBatches } = this.#scanner;
    const fields = { bytes, starts, ends, columns, records, numberBatches };
    this.#nullValues.blank(fields);
    return fields;
  }

  /** The fields of a block that was read before. */
  #fieldsOf({ start, end }: Block): Fields {
    const length = end - start;
    // No block is larger than those in work were, and none is in work any more.
    this.#body.copy(start, end, this.#bytes);
    return this.#scanAgain(this.#bytes, 0, length);
  }

  /** The fields of whole records, numbers too as offsets. */
  #scanAgain(bytes: Uint8Array, from: number, end: number): Fields {
    this.#scanner.numberBatches = [];
    // What follows a line end is of the next block.
    this.#scanner.scan(bytes, from, end, bytes[end - 1] !== LINE_FEED);
    return this.#fields(bytes, this.#scanner.records);
  }

  #lineOfField(row: number, column: number): number {
    const { block, record, line } = this.#body.find(row);
    if (block.lines === block.records) return line + record;
    const { bytes, starts, columns } = this.#fieldsOf(block);
    return line + countLines(bytes.subarray(0, starts[record * columns + column]));
  }

  #failEncoding({ bytes, starts, ends, columns, records }: Fields): never {
    for (let field = 0; field < records * columns; field++) {
      const start = starts[field]!;
      const end = ends[field]! < 0 ? ~ends[field]! : ends[field]!;
      if (isUtf8(bytes.subarray(start, end))) continue;
      const at = invalidUtf8(bytes, start, end);
      this.#fail(at, field % columns, `found ${excerpt(bytes, at, end)}, which is not valid UTF-8`);
    }
    return this.#fail(0, NO_COLUMN, "found bytes that are not valid UTF-8");
  }

  #fail(offset: number, column: number, message: string): never {
    const { line, end } = this.#body;
    const before = this.#bytes.subarray(end - this.#start, offset);
    const name = this.#names[column];
    const place = name === undefined ? "" : ` column ${JSON.stringify(name)}:`;
    throw new FormatError(`${this.#settings.address} line ${line + countLines(before)}:${place} ${message}`);
  }
}
