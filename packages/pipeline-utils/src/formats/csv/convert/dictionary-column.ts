import { type Data, type Dictionary, makeData, Utf8, type Vector, vectorFromArray } from "apache-arrow";
import { type ColumnBuilder } from "../column-builder.js";
import { type Fields } from "../fields.js";
import { taken } from "../taken.js";
import { gatherTexts } from "../text-batch.js";
import { type Validity } from "../validity.js";
import { type Misfit, textAt } from "./convert-each.js";

/** Texts as indices into their distinct values, in the order of their first rows; all batches share one dictionary. */
export class DictionaryColumn implements ColumnBuilder {
  readonly #type: Dictionary;
  readonly #quote: number;
  readonly #misfit: Misfit;
  readonly #codes = new Map<string, number>();
  readonly #batches: { readonly codes: Int32Array; readonly validity: Validity }[] = [];
  #rows = 0;
  #dictionary: Vector | undefined;

  /** @param misfit - Told rows of the column, of texts for which the type has no index left. */
  constructor(type: Dictionary, quote: number, misfit: Misfit) {
    this.#type = type;
    this.#quote = quote;
    this.#misfit = misfit;
  }

  append(fields: Fields, column: number): boolean {
    const { values, valueOffsets, length, validity } = gatherTexts(fields, column, this.#quote);
    const { bitWidth, isSigned } = this.#type.indices;
    const most = 2 ** (bitWidth - (isSigned ? 1 : 0));
    const batch = new Int32Array(length);
    for (let row = 0, field = column; row < length; row++, field += fields.columns) {
      if (fields.starts[field] === fields.ends[field]) continue;
      const text = textAt(values, valueOffsets[row]!, valueOffsets[row + 1]!);
      const code = this.#codes.get(text) ?? this.#codes.size;
      if (code >= most) this.#misfit(this.#rows + row, text);
      this.#codes.set(text, code);
      batch[row] = code;
    }
    this.#batches.push({ codes: batch, validity });
    this.#rows += length;
    return true;
  }

  takeBatch(): Data<Dictionary> {
    const { codes, validity } = taken(this.#batches);
    this.#dictionary ??= vectorFromArray([...this.#codes.keys()], new Utf8());
    const dictionary = this.#dictionary;
    const type = this.#type;
    const data = indicesOf(codes, type.indices.bitWidth);
    return makeData({ type, length: codes.length, data, dictionary, ...validity });
  }
}

/** Codes as the bytes of an index type, of which Arrow takes an array of the same width for either sign. */
function indicesOf(codes: Int32Array, bitWidth: number): Int8Array | Int16Array | Int32Array {
  if (bitWidth === 8) return new Int8Array(codes);
  return bitWidth === 16 ? new Int16Array(codes) : codes;
}
