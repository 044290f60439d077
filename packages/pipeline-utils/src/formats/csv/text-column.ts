import type { Data } from "apache-arrow";
import { makeData, Utf8 } from "apache-arrow";
import type { LateBuilder } from "./column-builder.js";
import type { Arena, ColumnMemory } from "./column-memory.js";
import { takeFirst } from "./column-memory.js";
import type { Fields } from "./record-scanner.js";
import type { TextBatch } from "./text-batch.js";
import { gatherTexts } from "./text-batch.js";
import type { Validity } from "./validity.js";
import { allNull } from "./validity.js";

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
 * - one number, if all that are not null have one length (codes, dates, flags);
 * - else an integer of 8 or 16 bits for each;
 * - else Arrow's offsets, in 32 bits.
 */
type TextLengths = SameLength | Uint8Array | Uint16Array | Int32Array;

interface SameLength {
  readonly each: number;
}

/** Texts as written, in UTF-8. */
export class TextColumn implements LateBuilder {
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
