import { type Data, makeData, Utf8 } from "apache-arrow";
import { type Arena } from "./arena.js";
import { type LateBuilder } from "./column-builder.js";
import { type ColumnMemory } from "./column-memory.js";
import { type Fields } from "./fields.js";
import { taken } from "./taken.js";
import { gatherTexts, type TextBatch } from "./text-batch.js";
import { allNull, type Validity } from "./validity.js";

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

  /** @param quote - The byte that stands doubled for itself inside quotes; -1 for none. */
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
    this.#batches.push({ rows, values: keptValues(texts, lasting), lengths, validity });
    return true;
  }

  takeBatch({ lasting, sameOffsets }: ColumnMemory): Data<Utf8> {
    const { rows: length, values, lengths, validity } = taken(this.#batches);
    const valueOffsets =
      "each" in lengths
        ? sameOffsets.of(lengths.each, length, validity, lasting)
        : offsetsOf(lengths, lasting);
    return makeData({ type: new Utf8(), length, data: values, valueOffsets, ...validity });
  }
}

/** A batch in its final form. */
export function dataOfTexts(texts: TextBatch, { lasting, sameOffsets }: ColumnMemory): Data<Utf8> {
  const { valueOffsets: offsets, length, longest: each, validity } = texts;
  const valueOffsets = areOfOneLength(texts)
    ? sameOffsets.of(each, length, validity, lasting)
    : lasting.copy(Int32Array, offsets);
  return makeData({ type: new Utf8(), length, data: keptValues(texts, lasting), valueOffsets, ...validity });
}

function keptValues({ values, haveOwnMemory }: TextBatch, lasting: Arena): Uint8Array {
  return haveOwnMemory ? values : lasting.copy(Uint8Array, values);
}

function areOfOneLength({ values, length, longest, validity }: TextBatch): boolean {
  return values.length === longest * (length - validity.nullCount);
}

function lengthsOf(texts: TextBatch, passing: Arena): Lengths {
  const { valueOffsets, lengths, longest } = texts;
  if (areOfOneLength(texts)) return { each: longest };
  if (longest > 0xffff) return valueOffsets.slice();
  return longest <= 0xff ? passing.copy(Uint8Array, lengths) : passing.copy(Uint16Array, lengths);
}

function offsetsOf(lengths: Uint8Array | Uint16Array | Int32Array, lasting: Arena): Int32Array {
  if (lengths instanceof Int32Array) return lengths;
  const offsets = lasting.array(Int32Array, lengths.length + 1);
  let offset = 0;
  offsets[0] = 0;
  for (let row = 0; row < lengths.length; row++) offsets[row + 1] = offset += lengths[row]!;
  return offsets;
}
