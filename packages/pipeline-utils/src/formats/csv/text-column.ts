import type { Data } from "apache-arrow";
import { makeData, Utf8 } from "apache-arrow";
import type { Arena, ColumnMemory } from "./column-memory.js";
import { takeFirst } from "./column-memory.js";
import type { Fields } from "./record-scanner.js";
import type { Validity } from "./validity.js";
import { allNull, ValidityBuilder } from "./validity.js";

/** From this length on, `TypedArray.set` copies faster than a loop. */
const MIN_SET_BYTES = 96;
/** Records that one call gathers. V8 compiles a long-running loop again and again, so calls are short. */
const RECORDS_PER_CALL = 512;
/** Limit of the memory that is kept for the next block. The blocks of most files need less. */
const MAX_SCRATCH_BYTES = 1 << 22;
/** The memory in which texts are gathered. Batches are read one at a time. */
let scratch = { values: new Uint8Array(0), valueOffsets: new Int32Array(1), lengths: new Int32Array(0) };

/** The texts of a column in one batch. Row `r` has the text `values[valueOffsets[r], valueOffsets[r + 1])`. */
export interface TextBatch {
  readonly values: Uint8Array;
  /** Whether `values` fill memory that nothing else uses. */
  readonly haveOwnMemory: boolean;
  readonly valueOffsets: Int32Array;
  /** Bytes of each. */
  readonly lengths: Int32Array;
  readonly length: number;
  /** Bytes of the longest. */
  readonly longest: number;
  readonly validity: Validity;
}

interface KeptTexts {
  readonly rows: number;
  /** The texts, end to end. */
  readonly values: Uint8Array;
  readonly lengths: TextLengths;
  readonly validity: Validity;
}

/**
 * The lengths of texts, in the fewest bytes until the table is made:
 *
 * - one number, if all texts that are not null have the same length (codes, dates, flags);
 * - else an integer of 8 or 16 bits for each;
 * - else Arrow's offsets, in 32 bits.
 */
type TextLengths = SameLength | Uint8Array | Uint16Array | Int32Array;

interface SameLength {
  readonly each: number;
}

/** Texts as written, in UTF-8. */
export class TextColumn {
  readonly #quote: number;
  readonly #batches: KeptTexts[] = [];

  /** @param quote - Inside quotes, this byte is doubled to stand for itself; -1 for none. */
  constructor(quote: number) {
    this.#quote = quote;
  }

  appendNulls(rows: number): void {
    this.#batches.push({ rows, values: new Uint8Array(0), lengths: { each: 0 }, validity: allNull(rows) });
  }

  append(fields: Fields, column: number, { lasting, passing }: ColumnMemory): boolean {
    const texts = gatherTexts(fields, column, this.#quote);
    const { length: rows, validity } = texts;
    const lengths = lengthsOf(texts, passing);
    this.#batches.push({ rows, values: lastingValues(texts, lasting), lengths, validity });
    return true;
  }

  takeBatch({ lasting, fixedOffsets }: ColumnMemory): Data<Utf8> {
    const { rows: length, values, lengths, validity } = takeFirst(this.#batches);
    const valueOffsets =
      "each" in lengths
        ? fixedOffsets.of(lengths.each, length, validity, lasting)
        : offsetsOf(lengths, lasting);
    return makeData({ type: new Utf8(), length, data: values, valueOffsets, ...validity });
  }
}

/**
 * Gather the texts of a column, end to end.
 *
 * @param quote - Inside quotes, this byte is doubled to stand for itself; -1 for none.
 * @returns Views of memory that the next call overwrites, except for texts that fill more than 4 MiB.
 */
export function gatherTexts(fields: Fields, column: number, quote: number): TextBatch {
  const { records } = fields;
  const target = scratchFor(roomFor(fields, column), records);
  const validity = new ValidityBuilder();
  let longest = 0;
  for (let from = 0; from < records; from += RECORDS_PER_CALL) {
    const to = Math.min(records, from + RECORDS_PER_CALL);
    longest = Math.max(longest, gatherRecords(fields, column, from, to, quote, target, validity));
  }
  const { values, valueOffsets, lengths } = target;
  return {
    values: values.subarray(0, valueOffsets[records]),
    haveOwnMemory: target !== scratch && valueOffsets[records] === values.length,
    valueOffsets: valueOffsets.subarray(0, records + 1),
    lengths: lengths.subarray(0, records),
    length: records,
    longest,
    validity: validity.take(records),
  };
}

/** A batch of nulls. */
export function nullTexts(rows: number): TextBatch {
  return {
    values: new Uint8Array(0),
    haveOwnMemory: true,
    valueOffsets: new Int32Array(rows + 1),
    lengths: new Int32Array(rows),
    length: rows,
    longest: 0,
    validity: allNull(rows),
  };
}

/** Memory for `records` texts of `bytes` bytes together. The same memory as before, unless it is more than 4 MiB. */
export function scratchFor(bytes: number, records: number): typeof scratch {
  if (scratch.values.length >= bytes && scratch.valueOffsets.length > records) {
    return scratch;
  }
  const larger = {
    values: new Uint8Array(Math.max(bytes, scratch.values.length)),
    valueOffsets: new Int32Array(Math.max(records + 1, scratch.valueOffsets.length)),
    lengths: new Int32Array(Math.max(records, scratch.lengths.length)),
  };
  if (bytes <= MAX_SCRATCH_BYTES) {
    scratch = larger;
  }
  return larger;
}

/** A batch in its final form. */
export function dataOfTexts(texts: TextBatch, { lasting, fixedOffsets }: ColumnMemory): Data<Utf8> {
  const { valueOffsets: offsets, length, longest: each, validity } = texts;
  const valueOffsets = haveOneLength(texts)
    ? fixedOffsets.of(each, length, validity, lasting)
    : lasting.copy(Int32Array, offsets);
  const data = lastingValues(texts, lasting);
  return makeData({ type: new Utf8(), length, data, valueOffsets, ...validity });
}

function lastingValues({ values, haveOwnMemory }: TextBatch, lasting: Arena): Uint8Array {
  return haveOwnMemory ? values : lasting.copy(Uint8Array, values);
}

function haveOneLength({ values, length, longest, validity }: TextBatch): boolean {
  return values.length === longest * (length - validity.nullCount);
}

function lengthsOf(texts: TextBatch, passing: Arena): TextLengths {
  const { valueOffsets, lengths, longest } = texts;
  if (haveOneLength(texts)) {
    return { each: longest };
  }
  if (longest > 0xffff) {
    return valueOffsets.slice();
  }
  return longest <= 0xff ? passing.copy(Uint8Array, lengths) : passing.copy(Uint16Array, lengths);
}

function offsetsOf(lengths: Uint8Array | Uint16Array | Int32Array, lasting: Arena): Int32Array {
  if (lengths instanceof Int32Array) {
    return lengths;
  }
  const offsets = lasting.array(Int32Array, lengths.length + 1);
  let offset = 0;
  offsets[0] = 0;
  for (let row = 0; row < lengths.length; row++) {
    offsets[row + 1] = offset += lengths[row]!;
  }
  return offsets;
}

/** Gather the texts of some records after those before. Returns the length of the longest. */
function gatherRecords(
  { bytes, starts, ends, columns }: Fields,
  column: number,
  from: number,
  to: number,
  quote: number,
  { values, valueOffsets, lengths }: typeof scratch,
  validity: ValidityBuilder,
): number {
  let used = valueOffsets[from]!;
  let longest = 0;
  for (let record = from, field = column + from * columns; record < to; record++, field += columns) {
    const start = starts[field]!;
    const end = ends[field]!;
    const before = used;
    if (start === end) {
      validity.setNull(record);
    } else if (end < 0) {
      used = copyQuoted(bytes, start, ~end, quote, values, used);
    } else if (end - start < MIN_SET_BYTES) {
      for (let at = start; at < end; at++) {
        values[used++] = bytes[at]!;
      }
    } else {
      values.set(bytes.subarray(start, end), used);
      used += end - start;
    }
    valueOffsets[record + 1] = used;
    const length = used - before;
    lengths[record] = length;
    if (length > longest) {
      longest = length;
    }
  }
  return longest;
}

/** Copy the inside of quotes, each doubled quote as one. */
function copyQuoted(
  bytes: Uint8Array,
  start: number,
  end: number,
  quote: number,
  target: Uint8Array,
  offset: number,
): number {
  let used = offset;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    target[used++] = byte;
    if (byte === quote) {
      at++;
    }
  }
  return used;
}

/**
 * An upper bound for the bytes of a column's texts: the block's bytes, or the exact number for a very large block.
 * Thousands of columns would otherwise each reserve the bytes of the block.
 */
function roomFor({ bytes, starts, ends, columns, records }: Fields, column: number): number {
  if (bytes.length <= MAX_SCRATCH_BYTES) {
    return bytes.length;
  }
  let room = 0;
  for (let field = column; field < records * columns; field += columns) {
    const end = ends[field]!;
    room += (end < 0 ? ~end : end) - starts[field]!;
  }
  return room;
}
