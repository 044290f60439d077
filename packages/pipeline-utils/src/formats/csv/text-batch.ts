import type { Fields } from "./record-scanner.js";
import type { Validity } from "./validity.js";
import { allNull, ValidityBuilder } from "./validity.js";

/** From this length on, `TypedArray.set` copies faster than a loop. */
const MIN_SET_BYTES = 96;
/** Records that one call gathers: V8 compiles a long-running loop again and again. */
const RECORDS_PER_CALL = 512;
/** More than the blocks of most files. Memory for a larger block is not kept for the next one. */
const MAX_SCRATCH_BYTES = 1 << 22;
/** The memory in which texts are gathered. Batches are read one at a time. */
let scratch = { values: new Uint8Array(0), valueOffsets: new Int32Array(1), lengths: new Int32Array(0) };

/** The texts of a column in one batch: that of row `r` is `values[valueOffsets[r], valueOffsets[r + 1])`. */
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

/** Memory for `records` texts of `bytes` bytes together: the same as before, unless it is more than 4 MiB. */
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
 * Bytes that are enough for a column's texts: those of the block, or, for a very large block, the exact number.
 * Otherwise thousands of columns would each take the bytes of the block.
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
