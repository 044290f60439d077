import { type Fields } from "./fields.js";
import { allNull, type Validity, ValidityBuilder } from "./validity.js";

/** The texts of a column in one batch: that of row `r` is `values[valueOffsets[r], valueOffsets[r + 1])`. */
export interface TextBatch {
  readonly values: Uint8Array;
  /** Whether `values` fill memory that nothing else is written to. */
  readonly haveOwnMemory: boolean;
  readonly valueOffsets: Int32Array;
  /** Bytes of each. */
  readonly lengths: Int32Array;
  readonly length: number;
  /** Bytes of the longest. */
  readonly longest: number;
  readonly validity: Validity;
}

/** From this length on, `TypedArray.set` copies faster than a loop. */
const LONG = 96;
/** Records that are gathered by one call: a loop that runs on for long is compiled again and again. */
const STRIDE = 512;
/** More than the blocks of most files; memory for a larger one is not kept for the next. */
const KEPT = 1 << 22;
/** Where texts are gathered; batches are read one at a time. */
let scratch = { values: new Uint8Array(0), valueOffsets: new Int32Array(1), lengths: new Int32Array(0) };

/**
 * Gather the texts of a column, end to end.
 *
 * @param quote - The byte that stands doubled for itself inside quotes; -1 for none.
 * @returns Views of memory that the next call writes over, but for texts that fill more than 4 MiB.
 */
export function gatherTexts(fields: Fields, column: number, quote: number): TextBatch {
  const { records } = fields;
  const target = scratchFor(roomFor(fields, column), records);
  const validity = new ValidityBuilder();
  let longest = 0;
  for (let from = 0; from < records; from += STRIDE) {
    const to = Math.min(records, from + STRIDE);
    longest = Math.max(longest, gather(fields, column, from, to, quote, target, validity));
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

/** Gather the texts of some records after those before. Returns the length of the longest. */
function gather(
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
    if (start === end) validity.setNull(record);
    else if (end < 0) used = copyQuoted(bytes, start, ~end, quote, values, used);
    else if (end - start < LONG) for (let at = start; at < end; at++) values[used++] = bytes[at]!;
    else {
      values.set(bytes.subarray(start, end), used);
      used += end - start;
    }
    valueOffsets[record + 1] = used;
    const length = used - before;
    lengths[record] = length;
    if (length > longest) longest = length;
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
    if (byte === quote) at++;
  }
  return used;
}

/** Bytes that hold a column's texts: a block's, unless it is so large that thousands of columns would each take as many. */
function roomFor({ bytes, starts, ends, columns, records }: Fields, column: number): number {
  if (bytes.length <= KEPT) return bytes.length;
  let room = 0;
  for (let field = column; field < records * columns; field += columns) {
    const end = ends[field]!;
    room += (end < 0 ? ~end : end) - starts[field]!;
  }
  return room;
}

/** Memory for that many bytes of that many texts: the same as before, unless it is more than 4 MiB. */
export function scratchFor(bytes: number, records: number): typeof scratch {
  if (scratch.values.length >= bytes && scratch.valueOffsets.length > records) return scratch;
  const larger = {
    values: new Uint8Array(Math.max(bytes, scratch.values.length)),
    valueOffsets: new Int32Array(Math.max(records + 1, scratch.valueOffsets.length)),
    lengths: new Int32Array(Math.max(records, scratch.lengths.length)),
  };
  if (bytes <= KEPT) scratch = larger;
  return larger;
}
