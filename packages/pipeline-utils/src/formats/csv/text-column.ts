import { type Data, makeData, Utf8 } from "apache-arrow";
import { type Arena } from "./arena.js";
import { type LateBuilder } from "./column-builder.js";
import { type ColumnMemory } from "./column-memory.js";
import { type Fields } from "./fields.js";
import { taken } from "./taken.js";
import { gatherTexts, type TextBatch } from "./text-batch.js";
import { allNull, hasValue, type Validity } from "./validity.js";

interface Batch {
  readonly rows: number;
  /** The texts, end to end. */
  readonly values: Uint8Array;
  readonly lengths: Lengths;
  readonly validity: Validity;
}

/**
 * The lengths of texts in the fewest bytes until the end: one for all that are not null, as of codes, dates and flags; else
 * an integer for each; or else, in 32 bits, Arrow's offsets.
 */
type Lengths = SameLength | Uint8Array | Uint16Array | Int32Array;

interface SameLength {
  readonly each: number;
}

/** Texts as written, in UTF-8. */
export class TextColumn implements LateBuilder {
  readonly #quote: number;
  readonly #batches: Batch[] = [];
  readonly #sameOffsets = new SameOffsets();

  /** @param quote - The byte that stands doubled for itself inside quotes; -1 for none. */
  constructor(quote: number) {
    this.#quote = quote;
  }

  appendNulls(rows: number): void {
    this.#batches.push({ rows, values: new Uint8Array(0), lengths: { each: 0 }, validity: allNull(rows) });
  }

  append(fields: Fields, column: number, memory: ColumnMemory): boolean {
    this.appendTexts(gatherTexts(fields, column, this.#quote), memory);
    return true;
  }

  appendTexts(texts: TextBatch, { lasting, passing }: ColumnMemory): void {
    const { values, haveOwnMemory, length: rows, validity } = texts;
    this.#batches.push({
      rows,
      values: haveOwnMemory ? values : lasting.copy(Uint8Array, values),
      lengths: lengthsOf(texts, passing),
      validity,
    });
  }

  takeBatch(lasting: Arena): Data<Utf8> {
    const { rows: length, values, lengths, validity } = taken(this.#batches);
    const valueOffsets =
      "each" in lengths
        ? this.#sameOffsets.of(lengths.each, length, validity, lasting)
        : offsetsOf(lengths, lasting);
    return makeData({ type: new Utf8(), length, data: values, valueOffsets, ...validity });
  }
}

function lengthsOf(
  { values, valueOffsets, lengths, length: rows, longest, validity }: TextBatch,
  passing: Arena,
): Lengths {
  if (values.length === longest * (rows - validity.nullCount)) return { each: longest };
  if (longest > 0xffff) return valueOffsets.slice();
  return longest <= 0xff ? passing.copy(Uint8Array, lengths) : passing.copy(Uint16Array, lengths);
}

/** Offsets of texts of one length, where none is null the same array for all batches: four bytes for a letter count. */
class SameOffsets {
  readonly #longest = new Map<number, Int32Array>();

  of(each: number, rows: number, { nullBitmap }: Validity, lasting: Arena): Int32Array {
    if (each > 0 && nullBitmap !== undefined)
      return offsetsBetweenNulls(each, nullBitmap, lasting.array(Int32Array, rows + 1));
    let offsets = this.#longest.get(each);
    if (offsets === undefined || offsets.length <= rows) {
      offsets = new Int32Array(rows + 1);
      for (let row = 1; row <= rows; row++) offsets[row] = row * each;
      this.#longest.set(each, offsets);
    }
    return offsets.subarray(0, rows + 1);
  }
}

function offsetsBetweenNulls(each: number, nullBitmap: Uint8Array, offsets: Int32Array): Int32Array {
  let offset = 0;
  offsets[0] = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    if (hasValue(nullBitmap, row)) offset += each;
    offsets[row + 1] = offset;
  }
  return offsets;
}

function offsetsOf(lengths: Uint8Array | Uint16Array | Int32Array, lasting: Arena): Int32Array {
  if (lengths instanceof Int32Array) return lengths;
  const offsets = lasting.array(Int32Array, lengths.length + 1);
  let offset = 0;
  offsets[0] = 0;
  for (let row = 0; row < lengths.length; row++) offsets[row + 1] = offset += lengths[row]!;
  return offsets;
}
