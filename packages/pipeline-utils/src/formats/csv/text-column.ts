import { type Data, makeData, Utf8 } from "apache-arrow";
import { type LateBuilder } from "./column-builder.js";
import { type Fields } from "./fields.js";
import { taken } from "./taken.js";
import { gatherTexts } from "./text-batch.js";
import { allNull, type Validity } from "./validity.js";

interface Batch {
  /** The texts, end to end. */
  readonly values: Uint8Array;
  /** The length of each, in the fewest bytes until the end; of codes, dates and flags it is one for all. */
  readonly lengths: Uint8Array | Uint16Array | Int32Array | SameLength;
  readonly validity: Validity;
}

interface SameLength {
  readonly each: number;
  readonly length: number;
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
    const lengths = { each: 0, length: rows };
    this.#batches.push({ values: new Uint8Array(0), lengths, validity: allNull(rows) });
  }

  append(fields: Fields, column: number): boolean {
    const { values, lengths, length, longest, validity } = gatherTexts(fields, column, this.#quote);
    const isSame = values.length === longest * length;
    this.#batches.push({
      // Large texts were gathered in memory of their own.
      values: values.length === values.buffer.byteLength ? values : values.slice(),
      lengths: isSame ? { each: longest, length } : narrowed(lengths, longest),
      validity,
    });
    return true;
  }

  takeBatch(): Data<Utf8> {
    const { values, lengths, validity } = taken(this.#batches);
    const valueOffsets = "each" in lengths ? this.#sameOffsets.of(lengths) : offsetsOf(lengths);
    return makeData({ type: new Utf8(), length: lengths.length, data: values, valueOffsets, ...validity });
  }
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
