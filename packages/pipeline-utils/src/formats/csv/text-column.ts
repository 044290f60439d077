import { type Data, makeData, Utf8 } from "apache-arrow";
import { type ColumnBuilder } from "./column-builder.js";
import { type Fields } from "./fields.js";
import { takeEach } from "./take-each.js";
import { allNull, type Validity, ValidityBuilder } from "./validity.js";

interface Batch {
  /** The texts, end to end. */
  readonly texts: Uint8Array;
  /** The length of each, in the fewest bytes until the end; of codes, dates and flags it is one for all. */
  readonly lengths: Uint8Array | Uint16Array | Int32Array | SameLength;
  readonly validity: Validity;
}

interface SameLength {
  readonly each: number;
  readonly length: number;
}

/** From this length on, `TypedArray.set` copies faster than a loop. */
const LONG = 96;

/** Texts as written, in UTF-8. */
export class TextColumn implements ColumnBuilder {
  readonly #quote: number;
  readonly #batches: Batch[] = [];

  /** @param quote - The byte that stands doubled for itself inside quotes; -1 for none. */
  constructor(quote: number) {
    this.#quote = quote;
  }

  appendNulls(rows: number): void {
    const lengths = { each: 0, length: rows };
    this.#batches.push({ texts: new Uint8Array(0), lengths, validity: allNull(rows) });
  }

  append(fields: Fields, column: number): boolean {
    const { bytes, starts, ends, columns, records } = fields;
    const { texts, lengths } = scratchFor(roomFor(fields, column), records);
    const validity = new ValidityBuilder(records);
    let used = 0;
    let longest = 0;
    for (let record = 0, field = column; record < records; record++, field += columns) {
      const start = starts[field]!;
      const end = ends[field]!;
      const before = used;
      if (start === end) validity.setNull(record);
      else if (end < 0) used = copyQuoted(bytes, start, ~end, this.#quote, texts, used);
      else if (end - start < LONG) for (let at = start; at < end; at++) texts[used++] = bytes[at]!;
      else {
        texts.set(bytes.subarray(start, end), used);
        used += end - start;
      }
      const length = used - before;
      lengths[record] = length;
      if (length > longest) longest = length;
    }
    const isSame = used === longest * records;
    this.#batches.push({
      texts: texts.slice(0, used),
      lengths: isSame ? { each: longest, length: records } : narrowed(lengths.subarray(0, records), longest),
      validity: validity.finish(),
    });
    return true;
  }

  finish(): Data<Utf8>[] {
    const sameOffsets = new SameOffsets();
    return takeEach(this.#batches, ({ texts, lengths, validity }) =>
      makeData({
        type: new Utf8(),
        length: lengths.length,
        data: texts,
        valueOffsets: "each" in lengths ? sameOffsets.of(lengths) : offsetsOf(lengths),
        ...validity,
      }),
    );
  }
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

function narrowed(lengths: Int32Array, longest: number): Uint8Array | Uint16Array | Int32Array {
  if (longest <= 0xff) return new Uint8Array(lengths);
  return longest <= 0xffff ? new Uint16Array(lengths) : lengths.slice();
}

/** Offsets of texts of one length, the same array for all batches: four bytes for a text of one letter count. */
class SameOffsets {
  readonly #longest = new Map<number, Int32Array>();

  of({ each, length }: SameLength): Int32Array {
    let offsets = this.#longest.get(each);
    if (offsets === undefined || offsets.length <= length) {
      offsets = new Int32Array(length + 1);
      for (let row = 1; row <= length; row++) offsets[row] = row * each;
      this.#longest.set(each, offsets);
    }
    return offsets.subarray(0, length + 1);
  }
}

function offsetsOf(lengths: Uint8Array | Uint16Array | Int32Array): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  let offset = 0;
  for (let row = 0; row < lengths.length; row++) offsets[row + 1] = offset += lengths[row]!;
  return offsets;
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

/** More than the blocks of most files; what is larger is not kept for the next file. */
const KEPT = 1 << 22;
/** Where a batch's texts are gathered; batches are read one at a time. */
let scratch = { texts: new Uint8Array(0), lengths: new Int32Array(0) };

function scratchFor(bytes: number, records: number): typeof scratch {
  if (scratch.texts.length >= bytes && scratch.lengths.length >= records) return scratch;
  const larger = {
    texts: new Uint8Array(Math.max(bytes, scratch.texts.length)),
    lengths: new Int32Array(Math.max(records, scratch.lengths.length)),
  };
  if (bytes <= KEPT) scratch = larger;
  return larger;
}
